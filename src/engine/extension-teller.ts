/**
 * When extensions are told of: as soon as anything of what is shown is another, each at most once for facts that came together.
 * What the API answers of an extension is what was last told; so it is after the daemon was started again.
 */
import type { EpochMs } from '../base/ids.js'
import { extensionOfMember, phoneAt } from '../calls/phones.js'
import type { Site } from '../calls/site.js'
import type { ExtensionView } from '../events/agent.js'
import { extensionEvent, type PublicEvent } from '../events/event.js'
import { newLine } from '../lines/reduce.js'
import type { Applied } from './apply.js'
import { dayAt, extensionLine, extensionOfLine, viewExtension } from './lines.js'
import type { PbxState } from './state.js'

export function createExtensionTeller(site: Site, state: PbxState, now: () => EpochMs) {
  function published(extension: string): ExtensionView | undefined {
    const text = state.lines.get(extensionLine(extension))?.published
    return text === undefined ? undefined : (JSON.parse(text) as ExtensionView)
  }

  /** Until the PBX is heard of, its phones do what they did. */
  function look(extension: string, last: ExtensionView | undefined) {
    const phone = state.version === undefined ? last?.phone : phoneAt(site, state.phones, extension)
    return viewExtension(site, state, extension, phone, now())
  }

  /** Those of which anything is known: they have had a call, or an agent, or their phone has a state. */
  function known(): string[] {
    const lines = [...state.lines.keys()].flatMap(key => extensionOfLine(key) ?? [])
    const phones = [...state.phones.keys()].flatMap(place => extensionOfMember(site, { interface: place }) ?? [])
    return [...new Set([...lines, ...phones, ...state.agentAt.keys()])].sort()
  }

  /** `isFirst`: what the PBX has when it is first heard of is no news of a phone that was never told of, where nobody has signed in. */
  function news(extension: string, isFirst: boolean, into: Applied): PublicEvent[] {
    const last = published(extension)
    const view = look(extension, last)
    const line = state.lines.get(extensionLine(extension)) ?? newLine(dayAt(site, state, now()))
    const isNew = !last && view.revision === 0
    if (isNew && (state.version === undefined || (isFirst && view.agent === undefined))) return []
    if (last && JSON.stringify(view) === line.published) return []
    const next = { ...view, revision: view.revision + 1 }
    state.lines.set(extensionLine(extension), { ...line, revision: next.revision, published: JSON.stringify(next) })
    into.lines.add(extensionLine(extension))
    return [extensionEvent(now(), next)]
  }

  return {
    /** Of each at most one. */
    news(into: Applied): PublicEvent[] {
      const extensions = new Set([...(into.phonesSeen ? known() : []), ...into.extensions])
      return [...extensions].flatMap(extension => news(extension, into.phonesSeen === true, into))
    },
    views: (): ExtensionView[] => known().map(extension => published(extension) ?? look(extension, undefined)),
  }
}
