/** A file's name that has the number of a caller who withholds it is told sealed, and opened again for its sound alone. */
import t from 'tap'
import { isSealed, openedFile, sealedFile } from '../../src/recordings/sealed.js'

const SECRET = 'of the history'
const file = '/m/2026/11/30/q-2400-13955550001-20261130-183000-1796063527.12.wav'
const seal = (name: string, of: string, numbers = ['+8613955550001'], secret = SECRET) =>
  sealedFile(secret, name, of, numbers)

t.test('the digits of the number, in any writing, and no others', async t => {
  const sealed = seal(file, 'mix-1')
  t.match(sealed, /^\/m\/2026\/11\/30\/q-2400-~[\w-]+~-20261130-183000-1796063527\.12\.wav$/)
  t.equal(openedFile(SECRET, sealed, 'mix-1'), file)
  for (const run of ['13955550001', '8613955550001', '008613955550001', '013955550001']) {
    const [name, told] = [`/m/${run}-to-${run}.wav`, seal(`/m/${run}-to-${run}.wav`, 'mix-1')]
    t.notMatch(told, '13955550001')
    t.equal(openedFile(SECRET, told, 'mix-1'), name)
  }
  t.equal(seal(file, 'mix-1', ['13955550002']), file)
  t.equal(seal(file, 'mix-1', ['2400', '']), file, 'too short for a number')
})

t.test('it tells nothing: two recordings of one caller look different', async t => {
  t.not(seal(file, 'mix-1'), seal(file, 'mix-2'))
  t.not(seal(file, 'mix-1'), seal(file, 'mix-1', undefined, 'another'))
})

t.test('what was not sealed so stays as it is', async t => {
  const sealed = seal(file, 'mix-1')
  for (const [name, of] of [
    [sealed, 'mix-2'],
    [sealed.replace('~-', 'A~-'), 'mix-1'],
    ['/m/~aaaaaaaaaaaaaaaaaaaa~.wav', 'mix-1'],
  ] as const)
    t.equal(openedFile(SECRET, name, of), name)
  t.equal(openedFile('another', sealed, 'mix-1'), sealed)
  t.strictSame([isSealed(sealed), isSealed(file)], [true, false])
})
