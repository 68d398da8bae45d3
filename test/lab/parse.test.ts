import t from 'tap'
import { parseUris } from '../../lab/apt.js'
import { fillTemplate } from '../../lab/config-files.js'
import { encodeNetstring, takeNetstrings } from '../../lab/netstring.js'
import { recipeFor, recipeName } from '../../lab/recipe.js'
import { withReplaces } from '../../lab/relay.js'
import { parseStatistics } from '../../lab/sipp-statistics.js'

t.test('netstrings arrive in any pieces', async t => {
  const sent = ['{"event":true}', '', 'ä,1:x,']
  const bytes = Buffer.from(sent.map(encodeNetstring).join(''))
  const got: string[] = []
  let rest: Buffer = Buffer.alloc(0)
  for (const byte of bytes) {
    const taken = takeNetstrings(Buffer.concat([rest, Buffer.from([byte])]))
    got.push(...taken.texts)
    rest = taken.rest
  }
  t.strictSame(got, sent)
  t.equal(rest.length, 0)
  t.strictSame(takeNetstrings(bytes).texts, sent)
})

t.test('what is no netstring is refused', async t => {
  for (const text of ['x:1,', ':,', '2:ab;', '12345678901:']) t.throws(() => takeNetstrings(Buffer.from(text)), text)
})

t.test("apt's list of archives", async t => {
  const text = `Reading package lists...
'http://a.example/pool/a_1%3a22.10.1_amd64.deb' a_1%3a22.10.1_amd64.deb 123 SHA256:00
'http://a.example/pool/b_2_all.deb' b_2_all.deb 4 MD5Sum:00`
  t.strictSame(parseUris(text), [
    { name: 'a', version: '1:22.10.1', bytes: 123 },
    { name: 'b', version: '2', bytes: 4 },
  ])
})

t.test('another recipe, or another processor, is another folder', async t => {
  const names = [
    recipeName(recipeFor('22'), 'amd64'),
    recipeName(recipeFor('22'), 'arm64'),
    recipeName(recipeFor('16'), 'amd64'),
  ]
  t.equal(new Set(names).size, 3)
  t.match(names[0], /^asterisk-22-[0-9a-f]{12}$/)
})

t.test('a place that nothing fills is an error, not an empty setting', async t => {
  t.equal(fillTemplate('port = {{port}}', { port: 5060 }), 'port = 5060')
  t.throws(() => fillTemplate('port = {{port}}', {}), /port/)
})

t.test("the last line of SIPp's statistics counts since the start", async t => {
  const text = 'StartTime;TotalCallCreated;SuccessfulCall(C);FailedCall(C)\nx;1;0;0\nx;5;4;1\n'
  t.strictSame(parseStatistics(text), { made: 5, succeeded: 4, failed: 1 })
})

t.test('a transfer that says which call is to be replaced (RFC 3891)', async t => {
  const refer = (to: string) => `REFER sip:127.0.0.1:5060 SIP/2.0\r\nRefer-To: ${to}\r\nContent-Length: 0\r\n\r\n`
  const tags = { phone: 'p;1', asterisk: 'a-2' }
  const replaces = 'Replaces=c%40x%3Bto-tag%3Da-2%3Bfrom-tag%3Dp%3B1'
  for (const to of ['sip:1002@127.0.0.1:5060', '<sip:1002@127.0.0.1:5060>', '<sip:1002@127.0.0.1:5060;user=phone>'])
    t.equal(withReplaces(refer(to), 'c@x', tags), refer(`<sip:1002@127.0.0.1:5060?${replaces}>`), to)
  t.equal(withReplaces(refer('sip:1002@h'), 'c@x', undefined), refer('sip:1002@h'), 'of a call that is not known')
})
