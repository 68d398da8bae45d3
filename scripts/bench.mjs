/** `npm run bench -- NAME`: sets up what is missing, then runs one benchmark. */
import { setUp } from './setup.mjs'

setUp()
const { prepareLab } = await import('../build/lab/prepare.js')
await prepareLab(line => console.error(line))
await import('../build/bench/run.js')
