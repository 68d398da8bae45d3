/** Agents on the real Asterisk 22. */
import { tellOfAgents } from '../given/live-agents.js'

await tellOfAgents('22')
