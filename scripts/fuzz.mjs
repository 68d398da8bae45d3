/** `npm run fuzz -- --seed S --minutes M`: see test/fuzz/long.ts. Builds first. */
import { setUp } from './setup.mjs'

setUp()
await import('../build/test/fuzz/long.js')
