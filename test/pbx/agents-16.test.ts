/** Agents on the real Asterisk 16. */
import { tellOfAgents } from '../given/live-agents.js'

await tellOfAgents('16')
