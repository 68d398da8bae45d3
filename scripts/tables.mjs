/** `node scripts/tables.mjs`: writes the tables of the documents that are made from the code. Needs the build. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { EVENTS } from '../build/src/events/event.js'

const page = fileURLToPath(new URL('../docs/events.md', import.meta.url))
const HEAD = '| type | when |\n| --- | --- |\n'
const rows = Object.entries(EVENTS).map(([type, text]) => `| \`${type}\` | ${text} |\n`)
const text = readFileSync(page, 'utf8')
const table = /^\| type +\| when +\|\n(?:\|.*\n)+/m
if (!table.test(text)) throw new Error(`${page} has no table of events`)
const written = text.replace(table, () => `${HEAD}${rows.join('')}`)
writeFileSync(page, await format(written, { ...(await resolveConfig(page)), filepath: page }))
