/** `npm run commands`: sets up what is missing, then gives random commands to random calls, as a seed decides. See docs/commands.md. */
import { setUp } from './setup.mjs'

setUp()
const { prepareLab } = await import('../build/lab/prepare.js')
await prepareLab(line => console.error(line))
await import('../build/test/commands/main.js')
