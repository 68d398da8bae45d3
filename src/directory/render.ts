/**
 * Workgroups -> what the PBX's own files include: the sections of its queues, and globals of its dialplan. Pure. A queue has
 * no `wrapuptime` and no members here: the daemon pauses and signs in, so that a wrap-up can be ended, and made longer.
 * (configs/samples/queues.conf.sample of Asterisk has what each setting means.)
 */
import { no, ok, type Result } from '../base/result.js'
import { NAMES } from '../pbx/names.js'
import type { Workgroup } from '../events/directory.js'

export const QUEUES_FILE = 'queues-aladdin.conf'
export const GLOBALS_FILE = 'globals-aladdin.conf'
const HEAD = '; Written by `aladdin render` from the workgroups: what is changed here, is lost with the next time.'

type Settings = readonly (readonly [name: string, value: string])[]
export type Section = { name: string; settings: Settings }

/** Asterisk counts in whole seconds; nothing becomes shorter. */
const seconds = (ms: number) => String(Math.ceil(ms / 1_000))
const maybe = (name: string, value: string | undefined): Settings => (value === undefined ? [] : [[name, value]])
const secondsOf = (ms: number | undefined) => (ms === undefined ? undefined : seconds(ms))
const yes = (is: boolean | undefined) => (is === undefined ? undefined : is ? 'yes' : 'no')

/** Of one that the PBX alone has, none: it is as it is there. */
export const sectionsOf = (workgroups: Iterable<Workgroup>): Section[] =>
  [...workgroups]
    .filter(({ adopted }) => adopted !== true)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, strategy, ringForMs, serviceLevelMs, maxWaiting, keys, announcements: said = {} }) => ({
      name: id,
      settings: [
        ['strategy', strategy],
        ['timeout', seconds(ringForMs)],
        ['retry', '1'],
        ['servicelevel', seconds(serviceLevelMs)],
        ['ringinuse', 'no'],
        ...maybe('maxlen', maxWaiting === undefined ? undefined : String(maxWaiting)),
        ...maybe('context', keys === true ? NAMES.queueKeysContext : undefined),
        ...maybe('setqueuevar', keys === true ? 'yes' : undefined),
        ...maybe('musicclass', said.music),
        ...maybe('announce-position', yes(said.position)),
        ...maybe('announce-holdtime', yes(said.holdTime)),
        ...maybe('announce-frequency', secondsOf(said.everyMs)),
        ...maybe('periodic-announce', said.periodic),
        ...maybe('periodic-announce-frequency', secondsOf(said.periodicEveryMs)),
      ],
    }))

export const printSections = (sections: readonly Section[]): string =>
  [
    HEAD,
    ...sections.map(({ name, settings }) => [`[${name}]`, ...settings.map(pair => pair.join(' = '))].join('\n')),
  ].join('\n\n') + '\n'

/** `ALADDIN_MAX_WAIT_team_a = 120`: a global's name has no dash. */
export function printGlobals(workgroups: Iterable<Workgroup>): Result<string, string[]> {
  const named = [...workgroups]
    .filter(({ adopted, maxWaitMs }) => adopted !== true && maxWaitMs !== undefined)
    .map(({ id, maxWaitMs }) => ({
      id,
      name: `ALADDIN_MAX_WAIT_${id.replaceAll('-', '_')}`,
      value: secondsOf(maxWaitMs),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const clashes = named.filter(({ name }, i) => named[i - 1]?.name === name || named[i + 1]?.name === name)
  if (clashes.length > 0) return no([`the same global would be that of ${clashes.map(({ id }) => id).join(' and ')}`])
  return ok([HEAD, ...named.map(({ name, value }) => `${name} = ${value ?? ''}`)].join('\n') + '\n')
}

/** An escaped semicolon stays; `;-- … --;` is one comment over any number of lines, `;---` is not. */
const COMMENTS = /\\;|;--(?!-)[\s\S]*?(?:--;|$(?![\s\S]))|;[^\n]*/g
const bared = (text: string) => text.replace(COMMENTS, found => (found === '\\;' ? found : ''))

/** `#include "more.conf"`, `#tryinclude more/*.conf`: the files named, in their order. */
export const includesOf = (text: string): string[] =>
  [...bared(text).matchAll(/^\s*#(?:try)?include\s+["<]?([^">\r\n]+?)[">]?\s*$/gim)].map(([, name]) => name ?? '')

/** As Asterisk reads them: comments and templates left out. */
export function readSections(text: string): Section[] {
  const sections: { name: string; settings: [string, string][] }[] = []
  for (const line of bared(text).split(/\r?\n/)) {
    const bare = line.trim()
    const name = /^\[([^\]]+)\]/.exec(bare)?.[1]
    if (name !== undefined) sections.push({ name, settings: [] })
    const [, key, value] = /^([\w-]+)\s*=>?\s*(.*)$/.exec(bare) ?? []
    if (key !== undefined) sections.at(-1)?.settings.push([key, value ?? ''])
  }
  return sections
}

/** What would be another: `team-a: strategy ringall -> linear`, `team-b is new`, `team-c is no more`. */
export function differencesOf(was: readonly Section[], now: readonly Section[]): string[] {
  const names = [...new Set([...was, ...now].map(({ name }) => name))].sort()
  return names.flatMap(name => {
    const [before, after] = [was, now].map(sections => sections.find(section => section.name === name))
    if (!before) return [`${name} is new`]
    if (!after) return [`${name} is no more`]
    const [old, fresh] = [new Map(before.settings), new Map(after.settings)]
    return [...new Set([...old.keys(), ...fresh.keys()])]
      .filter(key => old.get(key) !== fresh.get(key))
      .map(key => `${name}: ${key} ${old.get(key) ?? 'unset'} -> ${fresh.get(key) ?? 'unset'}`)
  })
}

/**
 * What is not ours to write: queues that somebody else has put into a file of the site's, named with its text, and a name
 * that is none for a queue. Asterisk does not mind the case.
 */
export const clashesWith = (site: readonly (readonly [file: string, text: string])[], sections: readonly Section[]) => {
  const theirs = new Map(site.flatMap(([file, text]) => readSections(text).map(s => [s.name.toLowerCase(), file])))
  return sections.flatMap(({ name }): string[] => {
    const file = theirs.get(name.toLowerCase())
    if (name.toLowerCase() === 'general') return [`${name} cannot be a queue: Asterisk keeps the settings of all there`]
    if (file === undefined) return []
    return [`${name} is in ${file} already: take it out there, or the workgroup out of the directory`]
  })
}
