/** What `npm run image` does, in order; scripts/image.mjs starts it in namespaces of its own. */
import { fileURLToPath } from 'node:url'
import { basesOf, makeBase } from './bases.mjs'
import { build, sizeOf } from './buildah.mjs'
import { asked, fail, start, step } from './run.mjs'
import { fetchTools } from './tools.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const IMAGES = [
  ['aladdin-cti', 'Dockerfile'],
  ...(asked.asterisk ? [['aladdin-cti-asterisk', 'config/container/asterisk.Dockerfile']] : []),
]

/** In a network of its own, so that the ports of compose.yaml are free and nothing listens where others could reach it. */
async function tryThem() {
  const trial = fileURLToPath(new URL('trial.mjs', import.meta.url))
  const alone = 'ip link set lo up && exec "$@"'
  const { code } = await start('unshare', ['--net', 'sh', '-c', alone, 'sh', process.execPath, trial], {
    stdio: 'inherit',
  }).ended
  if (code !== 0) process.exit(1)
}

async function story() {
  await step("buildah, mmdebstrap and redis-server from this machine's package sources", fetchTools)
  const bases = [...new Set(IMAGES.flatMap(([, file]) => basesOf(`${root}/${file}`)))].sort()
  if (!asked.pull) for (const tag of bases) await step(`base image ${tag}`, () => makeBase(tag))
  for (const [tag, file] of IMAGES)
    await step(`image ${tag}`, async () => {
      await build(tag, `${root}/${file}`, root)
      return sizeOf(tag)
    })
  await tryThem()
}

story().catch(fail)
