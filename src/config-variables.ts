/** The text of a configuration -> its values, with variables of the environment in the places of their names. Pure. */
import { parse, YAMLParseError } from 'yaml'
import { no, ok, type Result } from './base/result.js'

export type Environment = Readonly<Record<string, string | undefined>>

export function yamlIn(text: string): Result<unknown, string> {
  try {
    return ok(parse(text) as unknown)
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    return no(`not readable as YAML: ${why}${isUnquoted(text, error) ? UNQUOTED : ''}`)
  }
}

const UNQUOTED = " inside { } or [ ] a variable needs quotes, as in { secret: '${NAME}' }"

/** Between braces, the one of a variable would begin a map. */
const isUnquoted = (text: string, error: unknown) =>
  error instanceof YAMLParseError && text.startsWith('${', error.pos[0] - 1)

/** Replaces `${NAME}` wherever it stands in a text. */
export function fill(
  value: unknown,
  environment: Environment,
  wrong: string[],
  within: readonly unknown[] = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (text, name: string) => {
      const found = environment[name]
      if (found === undefined) wrong.push(`the environment variable ${name} is not set`)
      return found ?? text
    })
  }
  if (typeof value !== 'object' || value === null) return value
  if (within.includes(value)) {
    wrong.push('an alias (*) of the file refers to what it stands in')
    return undefined
  }
  const inside = (item: unknown) => fill(item, environment, wrong, [...within, value])
  if (Array.isArray(value)) return value.map(inside)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(item)]))
}
