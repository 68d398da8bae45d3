/** Text from outside in any charset, whole and in pieces: no character is ever replaced. */
import t from 'tap'
import { linesOf } from '../../src/api/lines.js'
import { CHARSETS, charsetNamed, NotInCharset, textIn, type Charset } from '../../src/base/charset.js'

const GBK = Buffer.from([0xb1, 0xb1, 0xbe, 0xa9, 0x0a, 0xc9, 0xcf, 0xba, 0xa3])
const MARKED = Buffer.from([0xef, 0xbb, 0xbf])
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')

t.test('as the byte order mark says, else as is named, else UTF-8', async t => {
  const read = (bytes: Buffer, charset?: Charset) => {
    const text = textIn(bytes, charset)
    return text.ok ? text.value : text.error
  }
  t.equal(read(Buffer.from('北京\nMünchen')), '北京\nMünchen')
  t.equal(read(Buffer.concat([MARKED, Buffer.from('北京')])), '北京')
  t.equal(read(Buffer.concat([MARKED, Buffer.from('北京')]), 'gbk'), '北京', 'the mark counts')
  t.equal(read(utf16('北京')), '北京')
  t.equal(read(utf16('北京').swap16()), '北京')
  t.equal(read(Buffer.from('北京', 'utf16le'), 'utf-16'), '北京')
  t.equal(read(GBK, 'gbk'), '北京\n上海')
  t.equal(read(GBK, 'gb18030'), '北京\n上海')
  t.equal(read(Buffer.from('Café', 'latin1'), 'latin1'), 'Café')
  for (const text of ['', 'a', 'ab']) t.equal(read(Buffer.from(text)), text, 'shorter than a mark')
})

t.test('what is none is refused, with its line', async t => {
  t.strictSame(textIn(GBK), { ok: false, error: 'line 1 is not in utf-8' })
  t.strictSame(textIn(Buffer.from('a\nb\nCaf\xe9\n', 'latin1')), { ok: false, error: 'line 3 is not in utf-8' })
  t.strictSame(textIn(Buffer.from([0x61, 0x0a, 0xe5, 0x8c])), { ok: false, error: 'line 2 is not in utf-8' }, 'cut')
  t.strictSame(textIn(Buffer.from([0x61, 0xff]), 'gbk'), { ok: false, error: 'line 1 is not in gbk' })
})

t.test('in pieces of any size, as whole', async t => {
  const text = 'match,reason\r\n+49301,Büro 北京 😀\r\n,,\r\nlast'
  for (const bytes of [
    Buffer.from(text),
    Buffer.concat([MARKED, Buffer.from(text)]),
    utf16(text),
    utf16(text).swap16(),
  ])
    for (const size of [1, 2, 3, 7, 1_000]) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
      }
      const lines: string[] = []
      for await (const some of linesOf(pieces(), 10_000)) lines.push(...some)
      t.strictSame(lines, text.split('\r\n'), `${size} bytes`)
    }
  const broken = async function* () {
    for (const piece of ['match\n', 'a\nb\n', 'c\xe9\nd']) yield Buffer.from(piece, 'latin1')
  }
  const reading = async () => {
    for await (const lines of linesOf(broken(), 10_000)) t.notMatch(lines.join(''), '\ufffd')
  }
  await t.rejects(reading(), new NotInCharset(4, 'utf-8'))
})

t.test('every charset can be read here, by its other names, too', async t => {
  for (const charset of CHARSETS) t.equal(charsetNamed(charset.toUpperCase()), charset)
  t.strictSame(['utf8', 'iso-8859-1', 'cp936', 'x-gbk', 'utf-7', 'no-such', ''].map(charsetNamed), [
    ...['utf-8', 'latin1', undefined, 'gbk', undefined, undefined, undefined],
  ])
})
