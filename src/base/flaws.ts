/** A value against its schema -> everything that is wrong with it, in words. A value that does not fit has at least one flaw. Pure. */
import type { TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'

// Unless told otherwise, the validator keeps the first eight errors: a wrong value could then show none that is a flaw.
Settings.Set({ maxErrors: Number.MAX_SAFE_INTEGER })

/** `path`: where it is, such as `/pbxs/0/ami`; empty for the value as a whole. */
export type Flaw = { path: string; text: string }

const MAX_NAMES = 20

export function flawsOf(schema: TSchema, value: unknown): Flaw[] {
  // Each field too many is also an error of its own, which names only its path.
  const errors = Value.Errors(schema, value).filter(({ keyword }) => keyword !== 'boolean')
  const flaws = errors.map(error => ({ path: error.instancePath, text: `${error.message}${moreOf(error)}` }))
  return flaws.length > 0 || Value.Check(schema, value) ? flaws : [{ path: '', text: 'is not right' }]
}

/** The fields too many, or the values that there are. */
function moreOf(error: ReturnType<typeof Value.Errors>[number]): string {
  if (error.keyword === 'additionalProperties') return `: ${listed(error.params.additionalProperties)}`
  if (error.keyword === 'enum') return `: ${listed(error.params.allowedValues)}`
  return error.keyword === 'const' ? `: ${String(error.params.allowedValue)}` : ''
}

const listed = (values: readonly unknown[]) =>
  [
    ...values.slice(0, MAX_NAMES).map(String),
    ...(values.length > MAX_NAMES ? [`and ${values.length - MAX_NAMES} more`] : []),
  ].join(', ')

/** One line each, and none twice. `of` is the name of the whole. */
export const flawLines = (flaws: readonly Flaw[], of: string): string[] => [
  ...new Set(flaws.map(({ path, text }) => `${path.slice(1).replaceAll('/', '.') || of} ${text}`.trim())),
]
