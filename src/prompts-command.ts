/** `aladdin prompts make`: has a file of texts spoken into the folder of the prompts. Prints to the given function. */
import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { textIn } from './base/charset.js'
import { LANGUAGE, PROMPT_NAME } from './events/prompt.js'
import type { Prompts } from './prompts/folder.js'

/** By name, then by language: what is said. The one of the first language is for callers of any other. */
const Texts = Type.Record(Type.String(), Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 2_000 }), { minProperties: 1 })) // prettier-ignore

/** Whether all were made. */
export async function makePrompts(file: string, prompts: Prompts, say: (line: string) => void): Promise<boolean> {
  const text = textIn(readFileSync(file))
  if (!text.ok) throw new Error(`${file}: ${text.error}`)
  const texts: unknown = parse(text.value)
  if (!Value.Check(Texts, texts))
    throw new Error(`${file}: is no table of names, and below each of languages and texts`)
  let good = true
  for (const [name, byLanguage] of Object.entries(texts)) {
    for (const [i, [language, text]] of Object.entries(byLanguage).entries()) {
      const isNamed = PROMPT_NAME.test(name) && LANGUAGE.test(language)
      const made = isNamed ? await makeOne(prompts, name, language, text, i === 0) : 'is no name, or no language'
      if (made !== undefined) good = false
      say(`${name} ${language}: ${made ?? 'made'}\n`)
    }
  }
  return good
}

async function makeOne(prompts: Prompts, name: string, language: string, text: string, isFirst: boolean) {
  const done = await prompts.say({ name, language }, text)
  if (!done.ok) return done.error.detail ?? done.error.code
  if (!isFirst) return undefined
  const sound = await prompts.sound({ name, language })
  const forAll = sound.ok ? await prompts.put({ name }, sound.value) : sound
  return forAll.ok ? undefined : forAll.error.code
}
