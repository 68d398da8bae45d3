import t from 'tap'
import { debootstrapMirror, mirrorOf, parseDeb822, parseOneLine } from '../../lab/sources.js'

t.test('one line a source', async t => {
  const text = `# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main contrib # why not
deb-src http://a.example/debian bookworm main
  deb http://b.example/debian bookworm-updates main`
  t.strictSame(parseOneLine(text), [
    { uri: 'http://a.example/debian', suite: 'bookworm' },
    { uri: 'http://b.example/debian', suite: 'bookworm-updates' },
  ])
})

t.test('paragraphs', async t => {
  const text = `Types: deb deb-src
# a comment between two fields
URIs: http://a.example/debian http://b.example/debian/
Suites: trixie
 trixie-updates
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: trixie

Types: deb-src
URIs: http://source.example/debian
Suites: trixie
`
  t.strictSame(parseDeb822(text), [
    { uri: 'http://a.example/debian', suite: 'trixie' },
    { uri: 'http://a.example/debian', suite: 'trixie-updates' },
    { uri: 'http://b.example/debian/', suite: 'trixie' },
    { uri: 'http://b.example/debian/', suite: 'trixie-updates' },
  ])
})

t.test('the mirror is the archive of the own release, not a third party or a partial one', async t => {
  const sources = [
    { uri: 'http://other.example/apt', suite: 'bookworm' },
    { uri: 'http://a.example/debian-security', suite: 'bookworm-security' },
    { uri: 'http://a.example/debian/', suite: 'bookworm' },
  ]
  t.equal(mirrorOf(sources, 'bookworm'), 'http://a.example/debian')
  t.equal(mirrorOf(sources, 'trixie'), undefined)
  t.equal(mirrorOf([{ uri: 'cdrom:[Debian]/', suite: 'trixie' }], 'trixie'), undefined)
  t.equal(mirrorOf([{ uri: 'https://c.example/mirror', suite: 'trixie' }], 'trixie'), 'https://c.example/mirror')
})

t.test("debootstrap's own mirror", async t => {
  t.equal(debootstrapMirror('X=1\nDEF_MIRROR="http://a.example/debian"\n'), 'http://a.example/debian')
  t.equal(debootstrapMirror('X=1\n'), undefined)
})
