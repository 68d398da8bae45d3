/** Reads the statistics file of SIPp: a line of column names, then a line for each second. Pure. */

export type Counts = Readonly<{ made: number; succeeded: number; failed: number }>

/** The last line counts since the start. */
export function parseStatistics(text: string): Counts {
  const lines = text.split('\n').filter(Boolean)
  const columns = (lines[0] ?? '').split(';')
  const last = (lines.at(-1) ?? '').split(';')
  const value = (column: string) => Number(last[columns.indexOf(column)] ?? 0)
  return { made: value('TotalCallCreated'), succeeded: value('SuccessfulCall(C)'), failed: value('FailedCall(C)') }
}
