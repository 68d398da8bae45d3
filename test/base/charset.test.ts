/** Text from outside in any charset, whole and in pieces: no character is ever replaced. */
import t from 'tap'
import { linesOf } from '../../src/api/lines.js'
import { charsetDecoder, CHARSETS, charsetNamed, NotInCharset, textIn, type Charset } from '../../src/base/charset.js'

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

t.test('what is UTF-8 is read so, whatever is named', async t => {
  for (const charset of CHARSETS)
    for (const text of ['match,reason\n+4930,张三\n', 'Müller\n', '😀\n', 'match\n+4930\n', '目录,Ŀ¼\n'])
      t.strictSame(textIn(Buffer.from(text), charset), { ok: true, value: text }, `${text} as ${charset}`)
  t.strictSame(textIn(Buffer.from('a,b\n', 'utf16le'), 'utf-16'), { ok: true, value: 'a,b\n' }, 'zero bytes')
  const catalogue = Buffer.from([0xc4, 0xbf, 0xc2, 0xbc])
  t.strictSame(textIn(catalogue, 'gbk'), { ok: true, value: 'Ŀ¼' }, 'valid in both: UTF-8')
  t.strictSame(
    textIn(Buffer.concat([catalogue, GBK]), 'gbk'),
    { ok: true, value: '目录北京\n上海' },
    'all of it counts',
  )
  t.strictSame(textIn(Buffer.from([0xc4, 0xbf, 0xc4]), 'latin1'), { ok: true, value: 'Ä¿Ä' }, 'cut at the end')
})

t.test('nothing of a long text comes out before it is known what it is in', async t => {
  const begin = Buffer.from('+49301,Ŀ¼\n'.repeat(100_000))
  const read = async (end: Buffer) => {
    const seen: string[] = []
    let sent = false
    const pieces = async function* () {
      for (let at = 0; at < begin.length; at += 65_536) {
        t.strictSame(seen, [], `at ${at}`)
        yield begin.subarray(at, at + 65_536)
      }
      sent = true
      yield end
    }
    for await (const lines of linesOf(pieces(), 10_000_000, 'gbk')) {
      t.ok(sent)
      seen.push(...lines)
    }
    return seen
  }
  t.strictSame([...new Set(await read(Buffer.from('张三')))], ['+49301,Ŀ¼', '张三'])
  t.strictSame([...new Set(await read(GBK))], ['+49301,目录', '北京', '上海'])
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
t.test('the line of what cannot be read, wherever the text was cut', async t => {
  const bad = Buffer.from([0xff])
  const texts = [
    ['utf-8', Buffer.concat([Buffer.from('张,1\n李\ufffd,2\n\n王,3\n'), bad, Buffer.from('\n')]), 5],
    ['utf-8', Buffer.concat([Buffer.from('张\n李'), Buffer.from('王').subarray(0, 2), Buffer.from('\n张\n')]), 2],
    ['gb18030', Buffer.from([0xd5, 0xc5, 0x0a, 0xc0, 0xee, 0x0a, 0xcd, 0xf5, 0xff, 0x0a]), 3],
    ['utf-16', Buffer.concat([Buffer.from('\ufeff张\n李\n', 'utf16le'), Buffer.from([0x00, 0xdc, 0x0a, 0x00])]), 3],
  ] as const
  const failsIn = (charset: Charset, pieces: readonly Buffer[]) => {
    const decoder = charsetDecoder(charset)
    try {
      for (const piece of pieces) [...decoder.next(piece)].join('')
      ;[...decoder.end()].join('')
    } catch (error) {
      if (error instanceof NotInCharset) return error.line
      throw error
    }
    return undefined
  }
  for (const [charset, bytes, line] of texts)
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const [begin, rest] = [bytes.subarray(0, cut), bytes.subarray(cut)]
      t.equal(failsIn(charset, [begin, rest]), line, `${charset}, cut at ${cut}`)
      t.equal(
        failsIn(charset, [begin, ...[...rest].map(byte => Buffer.from([byte]))]),
        line,
        `${charset}, then by byte`,
      )
    }
})
