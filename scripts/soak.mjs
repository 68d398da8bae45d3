/** `npm run soak`: sets up what is missing, then makes calls as a seed decides, and compares. See docs/reconcile.md. */
import { setUp } from './setup.mjs'

setUp()
const { prepareLab } = await import('../build/lab/prepare.js')
await prepareLab(line => console.error(line))
await import('../build/test/soak/main.js')
