/** Whether AMI can be used, and what is missing. Touches one connection, and only reads. */
import { after, type Clock } from '../base/clock.js'
import { openConnection, type AmiAddress, type Connection } from '../ami/connection.js'
import type { ActionName, Fields } from '../ami/encode.js'
import { logIn, LoginRefused, type AmiLogin } from '../ami/login.js'
import type { Frame } from '../ami/parse.js'
import { checksOf, type Check, type Checks } from './check.js'
import { judgeDialplan, type Read } from './dialplan.js'
import { judgeEndpoints, type Endpoints } from './endpoints.js'
import { judgeRights } from './rights.js'

export type AmiParts = { clock: Clock; newId: () => string }

const OLDEST = 16
const BOOTED_WITHIN_MS = 3_000
const CLOCKS_APART_MS = 1_000
const WRITE_TIMEOUT_MS = 5_000

export async function checkAmi(
  pbx: string,
  settings: AmiAddress & AmiLogin,
  parts: AmiParts,
  endpoints: Endpoints = {},
): Promise<Check[]> {
  const { clock, newId } = parts
  const checks = checksOf(pbx)
  let booted: (() => void) | undefined
  const fullyBooted = new Promise<void>(resolve => (booted = resolve))
  const connection = openConnection(settings, clock, frames => {
    if (frames.some(frame => frame.name === 'FullyBooted')) booted?.()
  })
  try {
    if (!(await loggedIn(checks, connection, settings, newId()))) return checks.checks
    const ask = async (name: ActionName, fields: Fields = []) => {
      const reply = await connection.ask(name, fields, newId(), settings.replyWithinMs)
      return reply.ok && reply.value.response.name === 'Success' ? reply.value.response : undefined
    }
    const read: Read = async variable => (await ask('Getvar', [['Variable', variable]]))?.get('Value')
    judgeVersion(checks, connection.banner(), await ask('CoreSettings'))
    const inTime = await within(clock, BOOTED_WITHIN_MS, fullyBooted)
    const commands = await ask('ListCommands')
    judgeRights(checks, settings.user, {
      mayAsk: commands && (action => commands.get(action) !== undefined),
      read: (await read(`AST_CONFIG(manager.conf,${settings.user},read,-1)`)) || undefined,
      booted: inTime,
    })
    judgeBooted(checks, inTime)
    await judgeClock(checks, clock, () => ask('Ping'))
    await judgeManager(checks, settings.user, read)
    await judgeDialplan(checks, read)
    await judgeEndpoints(checks, endpoints, read)
  } finally {
    connection.close('looked at')
  }
  return checks.checks
}

async function loggedIn(checks: Checks, connection: Connection, settings: AmiAddress & AmiLogin, actionId: string) {
  const { host, port, user } = settings
  const where = `${host}:${port}`
  try {
    await logIn(connection, settings, 'on', actionId)
    checks.ok('ami.reachable', where)
    checks.ok('ami.login', user)
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (error instanceof LoginRefused) {
      checks.ok('ami.reachable', where)
      const mend = `manager.conf, [${user}]: the secret, and permit for this machine; then manager reload`
      checks.failed('ami.login', why, mend)
    } else {
      const mend = `start Asterisk; manager.conf, [general]: enabled = yes, bindaddr and port as ami.host and ami.port`
      checks.failed('ami.reachable', `${where}: ${why}`, mend)
    }
    return false
  }
}

function judgeVersion(checks: Checks, banner: string | undefined, settings: Frame | undefined) {
  const ami = banner?.split('/')[1] ?? 'unknown'
  const version = settings?.get('AsteriskVersion')
  if (version === undefined)
    return checks.unknown('ami.version', `AMI ${ami}; Asterisk's own version cannot be checked with these rights`)
  const found = `Asterisk ${version}, AMI ${ami}`
  if (Number.parseInt(version, 10) >= OLDEST) checks.ok('ami.version', found)
  else checks.failed('ami.version', `${found}: too old`, `Asterisk ${OLDEST} or later`)
}

function judgeBooted(checks: Checks, booted: boolean) {
  if (booted) return checks.ok('ami.booted', 'FullyBooted has come')
  const mend =
    'wait until Asterisk has loaded; give the user the read right system; let the event filter pass FullyBooted'
  checks.failed('ami.booted', `no FullyBooted within ${BOOTED_WITHIN_MS} ms`, mend)
}

/** The PBX puts its time on the answer to a Ping, whatever `timestampevents` says. */
async function judgeClock(checks: Checks, clock: Clock, ping: () => Promise<Frame | undefined>) {
  const sent = clock.now()
  const seconds = Number((await ping())?.get('Timestamp'))
  if (!(seconds > 0)) return checks.unknown('ami.clock', 'the PBX does not tell its time')
  const apart = Math.round(seconds * 1_000 - (sent + clock.now()) / 2)
  const found = `the PBX's clock is ${Math.abs(apart)} ms ${apart < 0 ? 'behind' : 'ahead'}`
  if (Math.abs(apart) <= CLOCKS_APART_MS) checks.ok('ami.clock', found)
  else checks.failed('ami.clock', found, 'let both machines keep time by NTP')
}

async function judgeManager(checks: Checks, user: string, read: Read) {
  const stamps = await read('AST_CONFIG(manager.conf,general,timestampevents,-1)')
  const mend = 'manager.conf, [general]: timestampevents = yes'
  if (stamps === undefined)
    checks.unknown('ami.timestamps', 'timestampevents cannot be checked with these rights', mend)
  else if (/^(yes|true|y|t|1|on)$/i.test(stamps)) checks.ok('ami.timestamps', `timestampevents = ${stamps}`)
  else checks.failed('ami.timestamps', "timestampevents is off: times are those of arrival, not the PBX's own", mend)
  const timeout = await read(`AST_CONFIG(manager.conf,${user},writetimeout,-1)`)
  const given = `manager.conf, [${user}]: writetimeout = ${WRITE_TIMEOUT_MS}`
  if (timeout === undefined) checks.unknown('ami.writetimeout', 'cannot be checked with these rights', given)
  else if (Number(timeout) >= WRITE_TIMEOUT_MS) checks.ok('ami.writetimeout', `${timeout} ms`)
  else checks.warning('ami.writetimeout', `${timeout || 100} ms: a daemon that is busy for so long is dropped`, given)
}

function within(clock: Clock, ms: number, coming: Promise<void>): Promise<boolean> {
  let cancel: () => void = () => undefined
  const late = new Promise<false>(resolve => (cancel = clock.wake(after(clock, ms), () => resolve(false))))
  return Promise.race([coming.then(() => true), late]).finally(() => cancel())
}
