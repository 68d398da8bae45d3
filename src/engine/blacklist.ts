/** The blacklist, asked for each caller from outside. While Redis is away, nobody is turned away. */
import type { EpochMs } from '../base/ids.js'
import { EntryAskedSchema, EntryKeptSchema, type EntryAsked } from '../events/blacklist.js'
import { screen, type BlacklistRules } from '../routing/blacklist.js'
import type { Decision } from '../routing/decide.js'
import { createCsv } from '../routing/listed-csv.js'
import { createListed, type ListedParts } from './listed.js'
import type { NumberList } from './number-list.js'

export type Blacklist = ReturnType<typeof createBlacklist>

export function createBlacklist(parts: ListedParts, { list, rules }: { list: NumberList; rules: BlacklistRules }) {
  const listed = createListed<EntryAsked>(parts, {
    list,
    schema: EntryKeptSchema,
    csv: createCsv(EntryAskedSchema),
    right: 'blacklist',
    flawOf: ({ action }) =>
      action === 'voicemail' && rules.voicemail === undefined
        ? 'action: voicemail needs `routing.blacklist.voicemail` in the configuration'
        : undefined,
  })

  return {
    ...listed,
    /**
     * What becomes of where a call would go. `shown`: the number of the caller; `withheld`: it is not to be shown, so they are among
     * the anonymous, too; `counts`: it is a call, and no question.
     */
    async screen(
      { shown, withheld = false }: { shown: string; withheld?: boolean },
      dialled: string,
      decision: Decision,
      at: EpochMs,
      counts: boolean,
    ): Promise<Decision> {
      const found = await listed.fitting(shown, dialled, decision.to, at, withheld)
      if (!found) return { ...decision, because: [...decision.because, { rule: 'not-screened' }] }
      const screened = screen(rules, decision, found)
      if (screened.hit && counts) listed.hit(screened.hit, at)
      return screened.decision
    },
  }
}
