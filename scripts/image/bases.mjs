/** The base images that the Dockerfiles name, made from Debian's packages and npm's, under the very tags of FROM. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from './buildah.mjs'
import { asked, Failed, run } from './run.mjs'
import { keyring, mirror, reaching } from './tools.mjs'

const here = name => fileURLToPath(new URL(name, import.meta.url))

/** The tags after FROM that are no stages of the file itself; those that others are made from come first. */
export function basesOf(dockerfile) {
  const froms = [...readFileSync(dockerfile, 'utf8').matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)]
  const stages = new Set(froms.map(([, , stage]) => stage))
  return [...new Set(froms.map(([, tag]) => tag).filter(tag => !stages.has(tag)))].sort()
}

export async function makeBase(tag) {
  const [, suite] = /^debian:(\w+)-slim$/.exec(tag) ?? []
  if (suite !== undefined) return makeDebian(tag, suite)
  const [, major, under] = /^node:(\d+)-(\w+)-slim$/.exec(tag) ?? []
  if (major !== undefined) return makeNode(tag, major, `debian:${under}-slim`)
  throw new Failed(`There is no recipe for the base image ${tag}: use --pull, or add one to scripts/image/bases.mjs.`)
}

/** As small as the public one: no documentation, no translations. */
async function makeDebian(tag, suite) {
  const context = `${asked.folder}/${suite}`
  mkdirSync(context)
  const without = ['doc', 'man', 'info', 'locale'].map(folder => `--dpkgopt=path-exclude=/usr/share/${folder}/*`)
  const options = ['--mode=root', '--variant=minbase', `--keyring=${keyring()}`, ...without]
  const network = (await reaching()).map(line => `--aptopt=${line}`)
  await run('mmdebstrap', [...options, ...network, suite, `${context}/rootfs.tar`, await mirror()])
  await build(tag, here('debian.Dockerfile'), context)
}

async function makeNode(tag, major, debian) {
  const context = `${asked.folder}/node`
  mkdirSync(context)
  const binary = `node-linux-${process.arch}`
  const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--prefix', `${asked.folder}/npm`]
  await run('npm', [...install, `${binary}@${major}`, 'npm@11'], { cwd: asked.folder })
  cpSync(`${asked.folder}/npm/node_modules/${binary}/bin/node`, `${context}/node`)
  cpSync(`${asked.folder}/npm/node_modules/npm`, `${context}/npm`, { recursive: true })
  await copyNpmSettings(context)
  await build(tag, here('node.Dockerfile'), context, ['--build-arg', `DEBIAN=${debian}`])
}

/** How this machine reaches its npm registry. They stay in the base: nothing of it but node gets into the image. */
async function copyNpmSettings(context) {
  const settings = JSON.parse(await run('npm', ['config', 'list', '--json'], { cwd: asked.folder }))
  const lines = ['registry', 'proxy', 'https-proxy', 'strict-ssl']
    .filter(name => settings[name] !== null && settings[name] !== undefined)
    .map(name => `${name}=${settings[name]}`)
  if (settings.cafile) lines.push('cafile=/usr/local/etc/ca.crt')
  writeFileSync(`${context}/ca.crt`, settings.cafile ? readFileSync(settings.cafile) : '')
  writeFileSync(`${context}/npmrc`, `${lines.join('\n')}\n`)
}
