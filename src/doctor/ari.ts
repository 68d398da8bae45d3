/**
 * Whether ARI can be used. Registers an application of a name of its own for a moment: a second one of the daemon's name
 * would put a running daemon's connection out. Changes nothing else.
 */
import type { Clock } from '../base/clock.js'
import type { LegId } from '../base/ids.js'
import { openAriConnection, type AriAddress, type AriConnection } from '../ari/connection.js'
import { applicationOf, INFO, MODULES, requestOf, type AriRequest } from '../ari/encode.js'
import { versionOf } from '../ari/link.js'
import { checksOf, type Check, type Checks } from './check.js'

/** Modules that something of the daemon's stands on, and what. */
const NEEDED = { 'app_stasis.so': 'calls that the dialplan hands to the daemon', 'app_dial.so': 'calls to phones' }
const USEFUL = {
  'app_queue.so': 'queues',
  'res_parking.so': 'parking; Dial with the options k and K drops the call without it',
  'app_chanspy.so': 'listening in',
  'func_dialplan.so': "the doctor's own look at the dialplan",
}

const NO_SUCH_LEG = 'aladdin-doctor' as LegId

export async function checkAri(pbx: string, settings: AriAddress, clock: Clock): Promise<Check[]> {
  const checks = checksOf(pbx)
  const connection = openAriConnection(
    { ...settings, app: `${settings.app}-doctor`.slice(-64) },
    clock,
    () => undefined,
  )
  try {
    await connection.opened
    checks.ok('ari.reachable', settings.url)
    checks.ok('ari.login', settings.user)
    await judgeAnswers(checks, connection, settings)
  } catch (error) {
    refusedBecause(checks, settings, error instanceof Error ? error.message : String(error))
  } finally {
    connection.close('looked at')
  }
  return checks.checks
}

function refusedBecause(checks: Checks, { url, user }: AriAddress, why: string) {
  const status = /response: (\d+)/.exec(why)?.[1]
  if (status === '401' || status === '403') {
    checks.ok('ari.reachable', url)
    checks.failed('ari.login', `refused: ${why}`, `ari.conf, [${user}]: type = user, and the password; then ari reload`)
  } else if (status === '404')
    checks.failed(
      'ari.reachable',
      `${url} has no ARI`,
      'ari.conf, [general]: enabled = yes; load res_ari; http.conf: prefix',
    )
  else {
    const mend = 'http.conf, [general]: enabled = yes, bindaddr and bindport as ari.url says'
    checks.failed('ari.reachable', `${url}: ${why}`, mend)
  }
}

async function judgeAnswers(checks: Checks, connection: AriConnection, { app, user }: AriAddress) {
  const ask = async (request: AriRequest) => {
    const reply = await connection.ask(request)
    return reply.ok ? reply.value : undefined
  }
  const info = await ask(INFO)
  const version = info?.status === 200 ? versionOf(info.body) : undefined
  if (version === undefined)
    checks.failed('ari.version', `no answer to GET ${INFO.path}`, 'look into the log of Asterisk')
  else checks.ok('ari.version', `Asterisk ${version}`)

  const held = (await ask(applicationOf(app)))?.status
  if (held === 200) checks.ok('ari.app', `${app} is registered: a daemon runs`)
  else if (held === 404) checks.ok('ari.app', `${app} is free, and an application can be registered`)
  else checks.unknown('ari.app', `whether ${app} is registered was not answered`)

  const hangup = requestOf({ do: 'hangup', leg: NO_SUCH_LEG, causeQ850: 16 }, app)
  const asked = hangup.ok ? (await ask(hangup.value))?.status : undefined
  if (asked === 404) checks.ok('ari.write', 'may act')
  else checks.failed('ari.write', `may only read (${asked ?? 'no answer'})`, `ari.conf, [${user}]: read_only = no`)

  judgeModules(checks, namesIn((await ask(MODULES))?.body))
}

function judgeModules(checks: Checks, loaded: ReadonlySet<string> | undefined) {
  if (!loaded) return checks.unknown('modules', 'the list of modules was not answered')
  const missing = (of: Record<string, string>) => Object.entries(of).filter(([name]) => !loaded.has(name))
  const told = (list: [string, string][]) => list.map(([name, what]) => `${name} (${what})`).join(', ')
  const [needed, useful] = [missing(NEEDED), missing(USEFUL)]
  const mend = 'modules.conf: load them'
  if (needed.length > 0) checks.failed('modules', `not loaded: ${told([...needed, ...useful])}`, mend)
  else if (useful.length > 0) checks.warning('modules', `not loaded: ${told(useful)}`, mend)
  else checks.ok('modules', 'loaded, all that is needed')
}

function namesIn(body: unknown): ReadonlySet<string> | undefined {
  if (!Array.isArray(body)) return undefined
  const modules = body as { name?: unknown; status?: unknown }[]
  return new Set(modules.filter(({ status }) => status === 'Running').map(({ name }) => String(name)))
}
