/**
 * The folder of the prompts, which the PBX reads: `welcome.wav`, and `zh/welcome.wav` where there is one for a language. Asterisk
 * takes the one of the caller's language, and the other where there is none. Written whole or not at all. Touches files.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import { iso } from '../events/event.js'
import type { EpochMs } from '../base/ids.js'
import { LANGUAGE, PROMPT_NAME, PROMPT_PREFIX, type PromptView } from '../events/prompt.js'
import { converter } from './convert.js'
import type { Format, Unreadable } from './formats.js'
import { espeak, type Speak, type SpeechSettings } from './speech.js'

export type PromptSettings = {
  /** As the daemon sees the folder, and as the PBX does, where that is another path. */
  dir?: string
  as?: string
  speech?: SpeechSettings
}

export type Place = { name: string; language?: string }
export type Refused = { code: ErrorCode; detail?: string }
type Kept = Result<PromptView, Refused>

const HEADER = 44
/** Of speech: what is softer is silence, as of a text without a word. */
const SOFTEST = 0.01
const UNHEARD = 'nothing of the text can be heard'
/** More than blanks, dashes, brackets, stops and pictures: some versions of espeak-ng say the name of a sign that stands alone. */
const HAS_WORDS = /[^\p{Z}\p{C}\p{M}\p{So}\p{Sk}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}.,;:!?…'"、。，；：！？]/u
const BYTES_PER_MS = 16
const WHY: Readonly<Record<Unreadable, string>> = {
  'no-audio': 'the kind of sound is unknown; a sound without a header needs `format`, such as ulaw or gsm',
  empty: 'it is empty',
  'too-long': 'it is longer than ten minutes',
  'too-much': 'it is too long or too large to be converted',
  'other-format': 'it is not of the format that is named',
}

export type Prompts = ReturnType<typeof createPrompts>

export function createPrompts({ dir, as = dir, speech }: PromptSettings, clock: Clock, newId: () => string) {
  const convert = converter(clock)
  const speak: Speak | undefined = speech && espeak(speech, clock)
  const fileOf = ({ name, language }: Place) => join(dir ?? '', language ?? '', `${name}.wav`)
  const isSound = ({ name, language }: Place) =>
    dir !== undefined && PROMPT_NAME.test(name) && (language === undefined || LANGUAGE.test(language))

  async function view(place: Place): Promise<PromptView | undefined> {
    try {
      const { size, mtimeMs, isFile } = await statOf(fileOf(place))
      if (!isFile) return undefined
      const { name, language } = place
      const durationMs = Math.max(0, Math.round((size - HEADER) / BYTES_PER_MS))
      const at = iso(Math.round(mtimeMs) as EpochMs)
      return { name, ...(language !== undefined && { language }), sound: `${PROMPT_PREFIX}${name}`, file: `${as ?? ''}/${language === undefined ? '' : `${language}/`}${name}`, durationMs, bytes: size, changedAt: at }
    } catch {
      return undefined
    }
  } // prettier-ignore

  async function put(place: Place, sound: Buffer, format?: Format, softest = 0): Promise<Kept> {
    if (!isSound(place)) return no({ code: dir === undefined ? 'PROMPTS_UNAVAILABLE' : 'BAD_REQUEST' })
    const converted = await convert(sound, format)
    if (!converted.ok) return no({ code: 'PROMPT_INVALID', detail: WHY[converted.why] })
    if (converted.peak < softest) return no({ code: 'PROMPT_INVALID', detail: UNHEARD })
    const file = fileOf(place)
    const making = `${file}.${newId()}`
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(making, converted.wav)
      await rename(making, file)
    } catch {
      await rm(making, { force: true }).catch(() => undefined)
      return no({ code: 'PROMPTS_UNAVAILABLE', detail: 'the folder cannot be written to' })
    }
    const kept = await view(place)
    return kept ? ok(kept) : no({ code: 'PROMPTS_UNAVAILABLE' })
  }

  return {
    /** What the PBX calls it, without an ending. */
    fileOf: (name: string) => (dir === undefined ? undefined : `${as ?? ''}/${name}`),
    async list(): Promise<PromptView[]> {
      if (dir === undefined) return []
      const here = await namesIn(dir)
      const languages = here.folders.filter(name => LANGUAGE.test(name))
      const places: Place[] = here.files.map(name => ({ name }))
      for (const language of languages)
        places.push(...(await namesIn(join(dir, language))).files.map(name => ({ name, language })))
      const views = await Promise.all(places.map(view))
      return views.filter(v => v !== undefined).sort((a, b) => order(a).localeCompare(order(b)))
    },
    /** `format`: of a sound that has no header. */
    put: (place: Place, sound: Buffer, format?: Format) => put(place, sound, format),
    /** Has the text spoken by the voice that the configuration has for the language. */
    async say(place: Place, text: string): Promise<Kept> {
      const { language = 'en' } = place
      const voice = speech?.voices[language] ?? speech?.voices[language.slice(0, 2)]
      if (!speak || voice === undefined) return no({ code: 'SPEECH_UNAVAILABLE' })
      if (!HAS_WORDS.test(text)) return no({ code: 'PROMPT_INVALID', detail: UNHEARD })
      const sound = await speak(text, voice)
      return sound
        ? put(place, sound, undefined, SOFTEST)
        : no({ code: 'SPEECH_UNAVAILABLE', detail: 'the program has failed' })
    },
    async sound(place: Place): Promise<Result<Buffer, Refused>> {
      const there =
        isSound(place) && (await view(place)) ? await readFile(fileOf(place)).catch(() => undefined) : undefined
      return there ? ok(there) : no({ code: 'PROMPT_NOT_FOUND' })
    },
    async remove(place: Place): Promise<Result<void, Refused>> {
      if (!isSound(place) || !(await view(place))) return no({ code: 'PROMPT_NOT_FOUND' })
      await rm(fileOf(place), { force: true })
      return ok(undefined)
    },
  }
}

const order = ({ name, language = '' }: PromptView) => `${name} ${language}`

async function statOf(path: string) {
  const found = await stat(path)
  return { size: found.size, mtimeMs: found.mtimeMs, isFile: found.isFile() }
}

async function namesIn(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const files = entries.filter(e => e.isFile() && e.name.endsWith('.wav')).map(e => e.name.slice(0, -'.wav'.length))
  return { files: files.filter(name => PROMPT_NAME.test(name)), folders: entries.filter(e => e.isDirectory()).map(e => e.name) }
} // prettier-ignore
