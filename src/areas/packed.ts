/** The library of areas as one file: a line of JSON, and behind it the tables as they are in memory. Pure. */
import type { Table } from './table.js'

/** By language. */
export type Name = { en: string; zh?: string }
export type Library = {
  /** Of the data that it was made from. */
  source: string
  /** When it was published, as a day. */
  date?: string
  places: { names: Name[]; table: Table }
  carriers: { names: Name[]; table: Table }
  zones: { names: Name[]; table: Table }
}
const PARTS = ['places', 'carriers', 'zones'] as const
const ALIGN = 8

const bytesOf = (array: Float64Array | Uint32Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((ALIGN - (bytes.length % ALIGN)) % ALIGN, ' ')])

export function pack({ source, date, ...parts }: Library): Buffer {
  const header = { source, date, parts: PARTS.map(name => ({ names: parts[name].names, ranges: parts[name].table.starts.length })) }
  const head = padded(Buffer.from(JSON.stringify(header)))
  const length = Buffer.alloc(ALIGN)
  length.writeUInt32LE(head.length)
  const tables = PARTS.flatMap(name => [parts[name].table.starts, parts[name].table.values].map(bytesOf).map(padded))
  return Buffer.concat([length, head, ...tables])
} // prettier-ignore

export function unpack(file: Buffer): Library {
  // Of its own, since a view must begin where eight bytes do.
  const bytes = new Uint8Array(file).buffer
  const head = file.readUInt32LE(0)
  const { source, date, parts } = JSON.parse(file.toString('utf8', ALIGN, ALIGN + head)) as {
    source: string
    date?: string
    parts: { names: Name[]; ranges: number }[]
  }
  let at = ALIGN + head
  const [places, carriers, zones] = parts.map(({ names, ranges }) => {
    const starts = new Float64Array(bytes, at, ranges)
    at += starts.byteLength
    const values = new Uint32Array(bytes, at, ranges)
    at += Math.ceil(values.byteLength / ALIGN) * ALIGN
    return { names, table: { starts, values } }
  })
  if (!places || !carriers || !zones) throw new Error('no library of areas')
  return { source, ...(date !== undefined && { date }), places, carriers, zones }
}
