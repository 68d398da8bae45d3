/** buildah, with its storage in the private folder, chroot isolation, and the `vfs` driver, which needs no kernel module. */
import { existsSync } from 'node:fs'
import { asked, run, start } from './run.mjs'
import { tools } from './tools.mjs'

const ISOLATED = ['--isolation', 'chroot']

/** Where buildah is unpacked and not installed, its settings are not where it looks. */
const settings = () => `${tools}/etc/containers`
const registries = () =>
  existsSync(settings())
    ? ['--registries-conf', `${settings()}/registries.conf`, '--registries-conf-dir', `${settings()}/registries.conf.d`]
    : []
const policy = () => (existsSync(settings()) ? ['--signature-policy', `${settings()}/policy.json`] : [])

const storage = () => ['--root', `${asked.folder}/storage`, '--runroot', `${asked.folder}/runroot`]
const all = args => [...storage(), '--storage-driver', 'vfs', ...registries(), ...args]
const buildah = args => run('buildah', all(args))

/** `docker` is the format that keeps the health check. */
export const build = (tag, file, context, args = []) =>
  buildah([
    'build',
    ...ISOLATED,
    '--format',
    'docker',
    `--pull=${pulling()}`,
    ...policy(),
    ...args,
    '-t',
    tag,
    '-f',
    file,
    context,
  ])
const pulling = () => (asked.pull ? 'missing' : 'never')

export const sizeOf = async tag => (await buildah(['images', '--format', '{{.Size}}', tag])).trim()

/** What an engine would start, and ask for its health. */
export async function settingsOf(tag) {
  const { config } = JSON.parse(await buildah(['inspect', '--type', 'image', '--format', '{{.Config}}', tag]))
  const [kind, ...health] = config.Healthcheck.Test
  return {
    user: config.User,
    command: [...config.Entrypoint, ...(config.Cmd ?? [])],
    health,
    kind,
    entry: config.Entrypoint,
  }
}

/** A container of an image; `volumes` and `env` are those of compose.yaml. */
export async function containerOf(tag, volumes, env) {
  const name = (await buildah(['from', ...ISOLATED, '--pull=never', ...policy(), tag])).trim()
  const options = [
    ...volumes.flatMap(v => ['--volume', v]),
    ...Object.entries(env).flatMap(([k, v]) => ['--env', `${k}=${v}`]),
  ]
  return command => start('buildah', all(['run', ...ISOLATED, ...options, name, '--', ...command]))
}
