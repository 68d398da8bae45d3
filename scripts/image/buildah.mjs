/** buildah, with its storage in the private folder, chroot isolation, and the `vfs` driver, which needs no kernel module. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { asked, run, start } from './run.mjs'
import { tools } from './tools.mjs'

const ISOLATED = ['--isolation', 'chroot']

/** buildah reads its settings from the home folder first; unpacked and not installed, it has none elsewhere. */
function home() {
  const settings = `${tools}/etc/containers`
  if (!existsSync(settings)) return process.env.HOME
  mkdirSync(`${asked.folder}/.config`, { recursive: true })
  if (!existsSync(`${asked.folder}/.config/containers`)) symlinkSync(settings, `${asked.folder}/.config/containers`)
  return asked.folder
}

const storage = () => ['--root', `${asked.folder}/storage`, '--runroot', `${asked.folder}/runroot`]
const all = args => [...storage(), '--storage-driver', 'vfs', ...args]
const environment = () => ({ env: { ...process.env, HOME: home() } })
const buildah = args => run('buildah', all(args), environment())

/** `docker` is the format that keeps the health check. */
export const build = (tag, file, context, args = []) =>
  buildah(['build', ...ISOLATED, '--format', 'docker', `--pull=${pulling()}`, ...args, '-t', tag, '-f', file, context])
const pulling = () => (asked.pull ? 'missing' : 'never')

export const sizeOf = async tag => (await buildah(['images', '--format', '{{.Size}}', tag])).trim()

/** What an engine would start, and ask for its health. */
export async function settingsOf(tag) {
  const { config } = JSON.parse(await buildah(['inspect', '--type', 'image', '--format', '{{.Config}}', tag]))
  const [, ...health] = config.Healthcheck.Test
  return {
    user: config.User,
    command: [...config.Entrypoint, ...(config.Cmd ?? [])],
    health,
    entry: config.Entrypoint,
  }
}

/** A container of an image, as a function that runs a command in it; `hosts` are names for 127.0.0.1. */
export async function containerOf(tag, volumes, env, hosts = []) {
  const named = hosts.flatMap(host => ['--add-host', `${host}:127.0.0.1`])
  const name = (await buildah(['from', ...ISOLATED, '--pull=never', ...named, tag])).trim()
  const options = [
    ...volumes.flatMap(v => ['--volume', v]),
    ...Object.entries(env).flatMap(([k, v]) => ['--env', `${k}=${v}`]),
  ]
  return command => start('buildah', all(['run', ...ISOLATED, ...options, name, '--', ...command]), environment())
}
