/**
 * Messages that callers have left. The dialplan records them, also while the daemon is away: what it tells of is taken in at once,
 * and whatever lies on the PBX and is not known, when the links are up again. A message is known when it is stored, and is
 * forgotten when the PBX has said that its recording is gone.
 */
import { isSameQueue } from '../base/queue-map.js'
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { callerOf, partyOf, type Site } from '../calls/site.js'
import type { Right } from '../events/directory.js'
import { voicemailEvent } from '../events/event.js'
import type { MessageView, VoicemailEventType } from '../events/voicemail.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import { OWN_LEG } from '../pbx/names.js'
import {
  countsOf,
  durationMsOf,
  fileNameOf,
  heard,
  inBox,
  readName,
  viewMessage,
  type Box,
  type Message,
} from '../voicemail/message.js'
import { askerOf, type Asker } from './agent-commands.js'
import { callBy, liveLeg, messageKey, type PbxState, type Push } from './state.js'

/** What is to be sent of a message; `id`: the same one is sent once. */
export type MailAsked = { id: string; message: MessageView; to: readonly string[] }

export type VoicemailRules = {
  boxes: ReadonlyMap<string, Box>
  /** What is shorter, is no message. */
  minMs: number
  /** Without it, none are sent. Answers when it will be sent for certain. */
  mail?: (asked: MailAsked) => Promise<void>
}

type Parts = {
  site: Site
  state: PbxState
  clock: Clock
  rules: VoicemailRules
  link: Pick<Link, 'send' | 'status'>
  ari: Pick<Link, 'send' | 'recording' | 'recordings' | 'status'> | undefined
  newId: () => string
  push: Push
  settled: () => Promise<void>
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  isStopping: () => boolean
  may: (by: Asker, right: Right, staff?: string) => ErrorCode | undefined
}

/** What is on the PBX beyond that is taken in when there is room again. */
export const MOST_MESSAGES = 10_000

export type BoxTotals = Box & { fresh: number; heard: number }

export function createVoicemail(parts: Parts) {
  const { site, state, clock, rules, link, ari, newId, push, settled, keepRunning, isStopping, may } = parts
  const { messages } = state
  const taking = new Set<string>()
  /** Until then it is not known who still speaks. */
  let isSeen = false
  const run = (doing: Promise<unknown>) => void keepRunning(doing)
  const idOf = (id: string) => (id.startsWith(`${site.pbx}:`) ? id.slice(site.pbx.length + 1) : '')
  const view = (message: Message) => viewMessage(site.pbx, message, rules.boxes.get(message.box))
  const known = (id: string) => {
    const message = messages.get(idOf(id))
    return message?.deleting ? undefined : message
  }

  function keep(message: Message, told?: VoicemailEventType) {
    messages.set(message.id, message)
    const events = told ? [voicemailEvent(told, clock.now(), view(message))] : []
    push(events, [[messageKey(message.id), { id: messageKey(message.id), message }]])
  }

  /** A recording that the PBX has; one that is known already, or is none of ours, changes nothing. */
  async function take(file: string, more: Pick<Message, 'forwarded'> = {}): Promise<Message | undefined> {
    const named = readName(file)
    if (!named || !ari?.recording) return undefined
    const was = messages.get(named.id)
    if (was || taking.has(file) || messages.size >= MOST_MESSAGES) return was
    taking.add(file)
    const call = legs().get(named.leg)
    try {
      const sound = await ari.recording(file)
      if (!sound.ok) return undefined
      const durationMs = durationMsOf(sound.value)
      if (durationMs < rules.minMs) {
        await ari.send({ do: 'drop-recording', name: file }, newId())
        return undefined
      }
      const { id, box, at, caller } = named
      const wanted = (rules.boxes.get(box)?.email.length ?? 0) > 0 && rules.mail !== undefined
      const leg = call && callBy(state, call)?.legs.find(({ id }) => fileNameOf(id) === named.leg)
      const from = leg?.trunk === undefined ? partyOf(site, caller) : callerOf(site, caller)
      const of = call !== undefined && !more.forwarded ? { call } : {}
      const message: Message = { id, box, file, from, at, durationMs, revision: 1, ...of, ...more, ...(wanted && { mail: 'wanted' }) } // prettier-ignore
      keep(message, 'voicemail.left')
      light(box)
      post(message)
      return message
    } finally {
      taking.delete(file)
    }
  }

  const legs = () => new Map([...state.callOf].map(([leg, call]) => [fileNameOf(leg), call]))

  /** What was left while nobody listened, or is left over. Who speaks still is not disturbed. */
  async function scan() {
    if (!isSeen || !ari?.recordings || ari.status().state !== 'ready') return
    const listed = await ari.recordings()
    if (!listed.ok) return
    const speaking = new Set([...state.callOf.keys()].filter(leg => liveLeg(state, leg)).map(fileNameOf))
    for (const file of listed.value) {
      const named = readName(file)
      if (named && !speaking.has(named.leg) && !messages.has(named.id)) await take(file)
    }
    for (const message of messages.values()) if (message.deleting) await drop(message)
  }

  async function drop({ id, file }: Message) {
    const gone = await ari?.send({ do: 'drop-recording', name: file }, newId())
    if (!gone?.ok && gone?.error !== 'RECORDING_NOT_FOUND') return
    messages.delete(id)
    push([], [[messageKey(id), undefined]])
  }

  function light(box: string) {
    if (link.status().state !== 'ready') return
    run(link.send({ do: 'light', leg: `${OWN_LEG}${newId()}` as LegId, box, ...countsOf(messages.values(), box) }, newId()))
  } // prettier-ignore

  /** Asked of it until it is taken: with the next start, too. */
  function post(message: Message) {
    if (message.mail !== 'wanted' || !rules.mail) return
    const to = rules.boxes.get(message.box)?.email ?? []
    const asked = { id: message.id, message: view(message), to }
    // It stays wanted where that fails: the log of whoever sends it says why.
    run(rules.mail(asked).catch(() => undefined))
  }

  function mayBox(by: Asker, box: string): ErrorCode | undefined {
    const { agent, workgroup } = rules.boxes.get(box) ?? {}
    const own = state.directory.staff
      .get(by.staff ?? '')
      ?.workgroups.some(skill => workgroup !== undefined && isSameQueue(skill.workgroup, workgroup))
    return own ? undefined : may(by, 'voicemail', agent)
  }

  async function change(
    id: string,
    by: Asker,
    to: (was: Message) => Promise<ErrorCode | undefined> | undefined,
  ): Promise<Result<void, ErrorCode>> {
    if (isStopping()) return no('STOPPING')
    const was = known(id)
    if (!was) return no('MESSAGE_NOT_FOUND')
    const failed = mayBox(by, was.box) ?? (await to(was))
    await settled()
    return failed ? no(failed) : ok(undefined)
  }

  return {
    see(facts: readonly Fact[]) {
      for (const fact of facts) {
        if (fact.type === 'message.left') run(take(fact.name))
        if (fact.type === 'pbx.seen') isSeen = true
        if (fact.type === 'link.down' && fact.link !== 'ari') isSeen = false
        if (fact.type === 'callers.seen' || fact.type === 'pbx.seen') run(scan())
        if (fact.type === 'pbx.seen') for (const box of new Set([...messages.values()].map(m => m.box))) light(box)
      }
    },
    begin: () => [...messages.values()].forEach(post),
    mailed: (id: string, state: 'sent' | 'failed') => {
      const was = messages.get(id)
      if (was && !was.deleting && was.mail !== state)
        keep({ ...was, mail: state, revision: was.revision + 1 }, 'voicemail.changed')
    },
    asked: {
      /** Of the boxes that `by` may hear, the newest first. */
      async list(by: Asker, box?: string): Promise<MessageView[]> {
        await settled()
        return [...messages.values()]
          .filter(m => !m.deleting && (box === undefined || m.box === box) && !mayBox(by, m.box))
          .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
          .map(view)
      },
      boxes(by: Asker): BoxTotals[] {
        const all = new Set([...rules.boxes.keys(), ...[...messages.values()].map(m => m.box)])
        return [...all]
          .filter(box => !mayBox(by, box))
          .sort()
          .map(box => ({ ...(rules.boxes.get(box) ?? { box, email: [] }), ...countsOf(messages.values(), box) }))
      },
      one(id: string, by: Asker): Result<MessageView, ErrorCode> {
        const message = known(id)
        if (!message) return no('MESSAGE_NOT_FOUND')
        const forbidden = mayBox(by, message.box)
        return forbidden ? no(forbidden) : ok(view(message))
      },
      /** WAV. */
      async sound(id: string, by: Asker): Promise<Result<Buffer, ErrorCode>> {
        const message = known(id)
        const forbidden = message && mayBox(by, message.box)
        if (!message || forbidden) return no(forbidden ?? 'MESSAGE_NOT_FOUND')
        return (await ari?.recording?.(message.file)) ?? no('PBX_DOWN')
      },
      /** As heard, or as new again; answers when it is stored. */
      async mark(id: string, is: boolean, by: Asker): Promise<Result<MessageView, ErrorCode>> {
        const done = await change(id, by, was => {
          const next = heard(was, is, clock.now(), askerOf(by))
          if (next !== was) keep(next, 'voicemail.changed')
          light(was.box)
          return undefined
        })
        return done.ok ? this.one(id, by) : done
      },
      remove: (id: string, by: Asker): Promise<Result<void, ErrorCode>> =>
        change(id, by, was => {
          const next: Message = { ...was, deleting: true, revision: was.revision + 1 }
          keep(next, 'voicemail.deleted')
          light(was.box)
          run(settled().then(() => drop(next)))
          return undefined
        }),
      /** Into another box, as a copy that is new there; answers with that. Once there, it stays as it is. */
      async forward(id: string, box: string, by: Asker): Promise<Result<MessageView, ErrorCode>> {
        let copy: Message | undefined
        const done = await change(id, by, async was => {
          if (box === was.box) return 'MESSAGE_STATE'
          const as = inBox(was.file, box)
          const there = messages.get(readName(as)?.id ?? '')
          if (there?.deleting) return 'MESSAGE_STATE'
          const copied = there ? ok(undefined) : await ari?.send({ do: 'copy-recording', name: was.file, as }, newId())
          if (!copied?.ok) return copied?.error ?? 'PBX_DOWN'
          copy = await take(as, { forwarded: { from: was.box, by: askerOf(by) } })
          return copy ? undefined : 'PBX_DOWN'
        })
        await settled()
        return !done.ok ? done : copy ? ok(view(copy)) : no('PBX_DOWN')
      },
    },
  }
}
