/** Whether the folder of the recordings that the dialplan makes can be read. Touches files, and only reads. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { checksOf, type Check } from './check.js'

export async function checkRecordings(pbx: string, dir: string): Promise<Check[]> {
  const checks = checksOf(pbx)
  try {
    await access(dir, constants.R_OK | constants.X_OK)
    if ((await stat(dir)).isDirectory()) checks.ok('recordings.dir', dir)
    else
      checks.failed(
        'recordings.dir',
        `${dir} is no folder`,
        'recordings.dir: the folder of the PBX as the daemon sees it',
      )
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read'
    checks.failed('recordings.dir', `${dir}: ${why}`, 'mount the folder, and let the user of the daemon read it')
  }
  return checks.checks
}
