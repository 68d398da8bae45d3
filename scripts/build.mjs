/** Compiles src, lab, test and bench into build/, and puts the data files beside the code that reads them. */
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildAreas } from './areas.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (tsc.status !== 0) process.exit(tsc.status ?? 1)
await buildAreas()
cpSync(`${root}/src/store/scripts`, `${root}/build/src/store/scripts`, { recursive: true })
