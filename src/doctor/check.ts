/** What the doctor says of one thing it has looked at, and how all of it is told. Pure. */

/**
 * `failed`: what the daemon needs is not there, and `mend` says what to do. `warning`: it works, less well or less safely.
 * `unknown`: cannot be seen with the rights there are.
 */
export type Verdict = 'ok' | 'failed' | 'warning' | 'unknown'

export type Check = {
  /** `redis`, or the name of a PBX. */
  about: string
  /** What was looked at: `ami.login`. */
  check: string
  verdict: Verdict
  found: string
  mend?: string
}

type Finding = Omit<Check, 'about' | 'check' | 'verdict'>

/** Gathers the checks of one subject. */
export function checksOf(about: string) {
  const checks: Check[] = []
  const say = (verdict: Verdict) => (check: string, found: string, mend?: string) => {
    const finding: Finding = { found, ...(mend === undefined ? {} : { mend }) }
    checks.push({ about, check, verdict, ...finding })
  }
  return { checks, ok: say('ok'), failed: say('failed'), warning: say('warning'), unknown: say('unknown') }
}
export type Checks = ReturnType<typeof checksOf>

const SHOWN: Record<Verdict, string> = { ok: 'ok', failed: 'FAILED', warning: 'warning', unknown: 'unknown' }

/** One line for each check, and one that counts them. */
export function asText(checks: readonly Check[]): string {
  const width = (of: (check: Check) => string) => Math.max(0, ...checks.map(check => of(check).length))
  const [abouts, names] = [width(check => check.about), width(check => check.check)]
  const lines = checks.map(({ about, check, verdict, found, mend }) => {
    const line = `${SHOWN[verdict].padEnd(8)} ${about.padEnd(abouts)}  ${check.padEnd(names)}  ${found}`
    return oneLine(mend === undefined ? line : `${line}; mend: ${mend}`)
  })
  const count = (verdict: Verdict) => checks.filter(check => check.verdict === verdict).length
  const sum = `${count('ok')} ok, ${count('failed')} failed, ${count('warning')} warnings, ${count('unknown')} unknown`
  return [...lines, '', sum, ''].join('\n')
}

export const isWell = (checks: readonly Check[]) => !checks.some(({ verdict }) => verdict === 'failed')

/** What a server says may hold anything; a terminal obeys control characters. */
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
