/**
 * A connection to AMI through the package asterisk-manager, which connects, reads and writes; the only file that imports
 * it. A new object of the package for each connection, since its reader keeps half a frame for the next one. Its dispatcher
 * is taken out: it uses ActionIDs from outside as names of its own events. What it cannot do is told in
 * docs/decisions/0007-second-drivers.md.
 */
import createManager, { type Item } from 'asterisk-manager'
import { after, type Clock } from '../../base/clock.js'
import type { ErrorCode } from '../../base/errors.js'
import { no, ok, type Result } from '../../base/result.js'
import type { Connection, OpenConnection } from '../connection.js'
import { encodeFields, type Fields } from '../encode.js'
import type { Frame } from '../parse.js'
import { createPending, type Reply } from '../pending.js'

type Manager = ReturnType<typeof createManager>

export const openAsteriskManager: OpenConnection = (address, clock, onEvents, refused) => {
  const manager = createManager()
  const pending = createPending(clock, refused)
  let [open, loggedIn, banner] = [true, false, undefined as string | undefined]
  let heard = 0
  let lastError: string | undefined
  let end: ((why: string) => void) | undefined
  const closed = new Promise<string>(resolve => (end = resolve))
  let connected: (() => void) | undefined
  const connecting = new Promise<void>(resolve => (connected = resolve))

  function close(why: string) {
    if (!open) return
    open = false
    pending.end()
    // A socket that is still opening is lost to the package when it is told to disconnect: then it is ended when it is open.
    if (manager.isConnected()) manager.disconnect()
    end?.(why)
  }

  manager.removeAllListeners('rawevent')
  manager.on('rawevent', item => {
    if (!open) return
    heard += 1
    const frame = frameOfItem(item)
    if (!loggedIn && frame.kind === 'Response') answerLogin(manager, item)
    else if (!pending.claimed(frame)) onEvents([frame])
  })
  manager.on('error', error => (lastError = error.message))
  manager.on('close', () => close(lastError ?? 'the PBX closed the connection'))
  manager.on('connect', () => (open ? connected?.() : manager.disconnect()))
  if (address.tls) close('asterisk-manager knows no TLS')
  else manager.connect(address.port, address.host)

  const ask: Connection['ask'] = async (name, fields, actionId, withinMs, onReply) => {
    if (!open) return no('PBX_DOWN')
    const checked = encodeFields(name, actionId, fields)
    if (!checked.ok) return checked
    if (name === 'Login') return logIn(fields, actionId, withinMs)
    // The package would keep it, and send it whenever it has logged in.
    if (!loggedIn) return no('PBX_DOWN')
    const send = () => {
      manager.action({ ...objectOf(fields), action: name, actionid: actionId })
      manager.removeAllListeners(actionId)
    }
    return pending.wait(actionId, withinMs, send, onReply)
  }

  async function logIn(fields: Fields, actionId: string, withinMs: number): Promise<Result<Reply, ErrorCode>> {
    const { Username: user, Secret: secret, Events: events } = Object.fromEntries(fields)
    const opened = await inTime(clock, withinMs, Promise.race([connecting, closed]))
    if (opened === 'late') return no('PBX_SILENT')
    if (!open) return no('PBX_DOWN')
    Object.assign(manager.options, { username: user, password: secret, events: events === 'on' })
    const answered = new Promise<Item | undefined>(resolve => manager.login(resolve))
    const refused = await inTime(clock, withinMs, Promise.race([answered, closed]))
    if (refused === 'late' || typeof refused === 'string') return no('PBX_SILENT')
    if (refused) return ok({ response: frameOfItem(refused), items: [] })
    loggedIn = true
    // It sends a header that Asterisk does not know, so events would come; and it throws the greeting away.
    if (events === 'off') await ask('Events', [['EventMask', 'off']], `${actionId}-events`, withinMs)
    const core = await ask('CoreSettings', [], `${actionId}-core`, withinMs)
    if (core.ok) banner = `Asterisk Call Manager/${core.value.response.get('AMIversion') ?? ''}`
    return ok({ response: frameOfItem({ response: 'Success' }), items: [] })
  }

  return { ask, close, closed, banner: () => banner, heard: () => heard }
}

/** The answer to its own login, which it waits for under an ActionID that it made of the time. */
function answerLogin(manager: Manager, item: Item) {
  const refused = frameOfItem(item).name === 'Error'
  if (typeof item['actionid'] === 'string') manager.emit(item['actionid'], refused ? item : undefined, item)
}

/** Several variables go as an object: a list would be joined by commas into one line. */
function objectOf(fields: Fields): Record<string, unknown> {
  const variables = fields.filter(([header]) => header === 'Variable').map(([, value]) => value)
  const others = fields.filter(([header]) => header !== 'Variable')
  if (variables.length === 0) return Object.fromEntries(others)
  const named = variables.map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const)
  return { ...Object.fromEntries(others), Variable: Object.fromEntries(named) }
}

/** An item of the package as a frame. Names have lost their capitals; of equal headers the first counts, as with Asterisk. */
export function frameOfItem(item: Item): Frame {
  const get = (header: string) => {
    const key = header.toLowerCase()
    const value = Object.hasOwn(item, key) ? item[key] : undefined
    const values: unknown[] = Array.isArray(value) ? value : [value]
    return values.find(one => typeof one === 'string')
  }
  const kind = { event: 'Event', response: 'Response' }[Object.keys(item)[0] ?? ''] ?? ''
  const lines = () => Object.keys(item).map(key => `${key}: ${get(key) ?? ''}`)
  return {
    kind,
    name: get(kind) ?? '',
    get,
    get text() {
      return lines().join('\r\n')
    },
  }
}

async function inTime<T>(clock: Clock, withinMs: number, doing: Promise<T>): Promise<T | 'late'> {
  let cancel: () => void = () => undefined
  const late = new Promise<'late'>(resolve => (cancel = clock.wake(after(clock, withinMs), () => resolve('late'))))
  return Promise.race([doing, late]).finally(() => cancel())
}
