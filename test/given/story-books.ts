/** What Asterisk itself wrote down of each recorded story (test/facts). */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../../test/facts')

export const hasRecord = (story: string, record: 'cel.csv' | 'cdr.csv' | 'queue_log') =>
  existsSync(join(folder, `${story}.${record}`))

/** Empty where nothing was written. */
export const recordOf = (story: string, record: 'cel.csv' | 'cdr.csv' | 'queue_log') =>
  hasRecord(story, record) ? readFileSync(join(folder, `${story}.${record}`), 'utf8') : ''
