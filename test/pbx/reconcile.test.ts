/** `aladdin reconcile` as it is installed: the daemon's history beside the files of the PBX that it followed. */
import t from 'tap'
import { spawn } from 'node:child_process'
import { appendFileSync, copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { labConfig } from '../../lab/daemon.js'
import { openCustomer, type Phone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'
import { freeze } from '../given/freeze.js'

const { lab, crm, phone } = await anExchange(t)
const config = join(lab.dir, 'reconcile.yaml')
writeFileSync(config, JSON.stringify(labConfig(lab, { key: 'k' })))
const files = { ...lab.asterisk.files }

/** The lab writes in UTC. */
function reconcile(args: readonly string[], others: Partial<Record<'cel' | 'cdr' | 'queueLog', string[]>> = {}) {
  const { cel = [files.cel], cdr = [files.cdr], queueLog = [files.queueLog] } = others
  const named = Object.entries({ cel, cdr, 'queue-log': queueLog }).flatMap(([name, all]) =>
    all.flatMap(file => [`--${name}`, file]),
  )
  const program = ['build/src/main.js', 'reconcile', '--config', config, ...named, ...args]
  const child = spawn(process.execPath, program, { cwd: CHECKOUT })
  const written = { out: '', err: '' }
  child.stdout.on('data', (d: Buffer) => (written.out += d.toString()))
  child.stderr.on('data', (d: Buffer) => (written.err += d.toString()))
  return new Promise<{ code: number | null; out: string; err: string }>(resolve =>
    child.on('close', code => resolve({ code, ...written })),
  )
}

const [ana, mia] = await Promise.all([phone({ extension: '1001' }), openCustomer(lab, '491701234567')])

/** Mia is served in the queue; answers with the record. */
async function served(): Promise<CallView> {
  const stream = await crm.webSocket('types=call.recorded')
  await mia.dial('493012342000')
  await ana.until('ringing')
  await ana.answer()
  await mia.until('established')
  await mia.hangup()
  await mia.until('closed')
  const { call } = (await stream.next('call.recorded')).data
  stream.close()
  return call
}
const about = (first: CallView, last: CallView, byMs = 1_000) => [
  ...['--from', new Date(Date.parse(first.startedAt) - byMs).toISOString()],
  ...['--to', new Date(Date.parse(last.endedAt ?? '') + byMs).toISOString()],
]

const [first, second] = [await served(), await served()]
const written = async (leg: string | undefined) =>
  retry(lab.clock, 'the PBX to write it down', 10_000, () =>
    Promise.resolve(
      readFileSync(files.queueLog, 'utf8').includes(`${leg ?? ''}|sales|Ana|COMPLETECALLER`) || undefined,
    ),
  )
await Promise.all([first, second].map(call => written(call.legs[0]?.id)))

t.test('all is as the PBX wrote it down', async t => {
  const { code, out } = await reconcile(about(first, second))
  t.equal(code, 0, out)
  t.match(out, 'queue sales: the PBX 2 answered; we 2 answered\n')
  t.match(out, /2 calls with 4 channels compared; 0 reach over/)
  const json = JSON.parse((await reconcile([...about(first, second), '--json'])).out) as object
  t.match(json, { calls: 2, unexplained: 0, badLines: 0, differences: [] })
})

t.test('what began before or ends after the interval is left out, and said to be', async t => {
  const from = new Date(Date.parse(first.startedAt) + 50).toISOString()
  const { code, out } = await reconcile(['--from', from, ...about(first, second).slice(2)])
  t.equal(code, 0, out)
  t.match(out, /1 calls with 2 channels compared; 1 reach over/)
})

t.test('a line that is not there, a line that says something else, a line that is none', async t => {
  const copy = join(lab.dir, 'other-queue_log')
  copyFileSync(files.queueLog, copy)
  const lines = readFileSync(copy, 'utf8').split('\n')
  const leg = second.legs[0]?.id ?? ''
  const other = lines
    .map(line =>
      line.includes(`${leg}|sales|Ana|CONNECT`) ? line.replace(/Ana\|CONNECT.*/, 'NONE|ABANDON|1|1|1') : line,
    )
    .filter(line => !line.includes(`${first.legs[0]?.id ?? ''}|sales`))
  writeFileSync(copy, [...other.slice(0, -1), 'nonsense', ''].join('\n'))
  const { code, out } = await reconcile(about(first, second), { queueLog: [copy] })
  t.equal(code, 1)
  t.match(out, `UNEXPLAINED ${second.id} queueOutcome: we: answered, the PBX: abandoned`)
  t.match(out, `UNEXPLAINED ${first.id} visit: we: sales at`)
  t.match(out, /1 lines could not be read/)
})

/** The file as it is while the PBX writes the last row that `isLast` fits. */
function whileWriting(file: string, isLast: (row: string) => boolean): string {
  const rows = readFileSync(file, 'utf8').split('\n')
  const last = rows.findLastIndex(isLast)
  const row = rows[last] ?? ''
  const copy = join(lab.dir, `cut-${basename(dirname(file))}-${basename(file)}`)
  writeFileSync(copy, [...rows.slice(0, last), row.slice(0, row.length / 2)].join('\n'))
  return copy
}

t.test('a file whose last row is being written: that row is no fault, and its call is not yet over', async t => {
  const leg = second.legs[0]?.id ?? ''
  const isOfSecond = (row: string) => row.includes(leg)
  const cut = {
    cel: [whileWriting(files.cel, row => isOfSecond(row) && row.includes('"CHAN_END"'))],
    cdr: [whileWriting(files.cdr, isOfSecond)],
    queueLog: [whileWriting(files.queueLog, isOfSecond)],
  }
  const { code, out } = await reconcile(about(first, second), cut)
  t.equal(code, 0, out)
  t.match(out, /1 calls with 2 channels compared; 1 reach over .* 0 lines could not be read/)
})

t.test('files that were rotated between two calls, the last row of one without its end', async t => {
  const old = { cel: `${files.cel}.1`, cdr: `${files.cdr}.1`, queueLog: `${files.queueLog}.1` }
  for (const name of ['cel', 'cdr', 'queueLog'] as const) {
    renameSync(files[name], old[name])
    appendFileSync(old[name], readFileSync(old[name], 'utf8').slice(0, 20))
  }
  await lab.asterisk.cli('logger reload')
  const third = await served()
  await written(third.legs[0]?.id)
  const both = {
    cel: [files.cel, old.cel],
    cdr: [old.cdr, files.cdr],
    queueLog: [old.queueLog, files.queueLog],
  }
  const { code, out } = await reconcile(about(first, third), both)
  t.equal(code, 0, out)
  t.match(out, 'queue sales: the PBX 3 answered; we 3 answered\n')
  t.match(out, /3 calls with 6 channels compared; 0 reach over .* 0 lines could not be read/)
  t.match(await reconcile(about(third, third)), { code: 0 }, 'the new ones alone, for what came since')
  t.match(await reconcile(about(first, second), { cel: [old.cel], cdr: [old.cdr], queueLog: [old.queueLog] }), { code: 0 }) // prettier-ignore
})

/** Both phones have sent their BYE before the PBX reads either. */
async function bothHangUp(ben: Phone): Promise<CallView> {
  const stream = await crm.webSocket()
  await ana.dial('1002')
  await ben.until('ringing')
  await ben.answer()
  const { subject } = await stream.next('call.answered')
  const pid = lab.asterisk.pid()
  await freeze(pid)
  try {
    await Promise.all([ana.hangup(), ben.hangup()])
  } finally {
    if (pid !== undefined) process.kill(pid, 'SIGCONT')
  }
  const { call } = (await stream.next('call.recorded', subject)).data
  await Promise.all([ana.clear(), ben.clear()])
  stream.close()
  return call
}

t.test('both sides hang up in one moment, ten times: one record each, and nothing unexplained', async t => {
  const calls: CallView[] = []
  const ben = await phone({ extension: '1002' })
  for (let n = 0; n < 10; n += 1) calls.push(await bothHangUp(ben))
  await ben.close()
  const [earliest, latest] = [calls[0], calls.at(-1)]
  if (!earliest || !latest) throw new Error('no calls')
  const isWritten = () => calls.every(({ id }) => readFileSync(files.cdr, 'utf8').includes(id.slice('lab:'.length)))
  await retry(lab.clock, 'the PBX to write them down', 10_000, () => Promise.resolve(isWritten() || undefined))
  const [from, until] = [earliest.startedAt, new Date(Date.parse(latest.endedAt ?? '') + 1).toISOString()]
  const { body } = await crm.get<{ calls: CallView[] }>(`/v1/history?from=${from}&until=${until}&limit=100`)
  t.strictSame(body.calls.map(({ id }) => id).sort(), calls.map(({ id }) => id).sort(), 'one record each')
  for (const { endedBy, outcome } of calls) t.match([outcome, endedBy], ['answered', /^(caller|callee)$/])
  const { code, out } = await reconcile(about(earliest, latest))
  t.equal(code, 0, out)
  t.match(out, /10 calls with 20 channels compared; 0 reach over .* 0 lines could not be read/)
  t.comment(`${calls.filter(({ endedBy }) => endedBy === 'caller').length} by the caller; ${out}`)
})

t.test('what it cannot do, it says', async t => {
  const gone = await reconcile(about(first, second), { cel: [join(lab.dir, 'nothing')] })
  t.match(gone, { code: 2, err: /ENOENT/ })
  t.match(await reconcile(['--from', 'yesterday', '--to', 'today']), { code: 2, err: /2026-03-01T00:00:00Z/ })
  t.match(await reconcile([...about(first, second), '--pbx', 'other']), { code: 2, err: /no such PBX/ })
})

t.teardown(() => Promise.all([ana.close(), mia.close()]))
t.end()
