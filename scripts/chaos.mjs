/** `npm run chaos`: sets up what is missing, then makes trouble as a seed decides. See docs/chaos.md. */
import { setUp } from './setup.mjs'

setUp()
const { prepareLab } = await import('../build/lab/prepare.js')
await prepareLab(line => console.error(line))
await import('../build/test/chaos/main.js')
