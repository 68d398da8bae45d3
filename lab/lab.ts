/**
 * A whole telephone exchange for one run: Asterisk, Valkey, and as many phones as a story needs, all on loopback, all
 * in one folder that is gone afterwards.
 *
 *   const lab = await startLab()
 *   const ana = await openPhone(lab, { extension: '1001' })
 *   …
 *   await lab.stop()
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../src/base/clock.js'
import { systemClock } from '../src/base/system.js'
import { openAsterisk, type Asterisk } from './asterisk.js'
import { extensionsOf } from './config-files.js'
import { fetchRoot } from './fetch.js'
import { devicesOf, profileNamed, PROFILES, type Profile, type ProfileName } from './profiles.js'
import { openPrograms, type Programs } from './programs.js'
import type { AsteriskVersion } from './recipe.js'
import { newRunFolder } from './run-folder.js'
import { openValkey, type Ground, type Valkey } from './valkey.js'

export type LabOptions = Readonly<{
  asterisk?: AsteriskVersion
  /** What kind of PBX it is; that of ALADDIN_LAB_PROFILE, or the plain one, unless told. */
  profile?: ProfileName
  env?: Readonly<Record<string, string | undefined>>
  clock?: Clock
  /**
   * Takes Asterisk's and Valkey's usual ports where they are free, for people. A test does without: what it kills and
   * starts again would find its port taken by the next lab.
   */
  usualPorts?: boolean
  /** What a story needs beside in Asterisk's configuration: text by the name of the file that it is added to. */
  more?: Readonly<Record<string, string>>
  /** After how many seconds a phone that nobody answers stops ringing; 30 unless told. */
  ringForS?: number
  /** After how many seconds a consultation that the PBX makes is over when nobody answers; 3 unless told. */
  consultForS?: number
  /** Each channel takes two ports for its sound; 1,000 unless told, which do for a few hundred calls at a time. */
  rtpPorts?: number
  /** One line of progress for a person, while the programs are fetched. */
  say?: (line: string) => void
}>

export type Lab = Readonly<{
  /** The run folder; everything the lab writes is in it. */
  dir: string
  root: string
  /** Where Valkey is from: a root of the newest Asterisk, whatever the other is. */
  storeRoot: string
  version: AsteriskVersion
  profile: Profile
  clock: Clock
  programs: Programs
  asterisk: Asterisk
  redis: Valkey
  stop: () => Promise<void>
}>

const START_TRIES = 3

/** Resolves when Asterisk has booted and Valkey answers. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const {
    env = process.env,
    asterisk: version = env['ALADDIN_LAB_ASTERISK'] === '16' ? '16' : '22',
    profile: profileName = profileNamed(env['ALADDIN_LAB_PROFILE']),
    clock = systemClock,
    ringForS = 30,
    consultForS = 3,
    usualPorts = false,
    rtpPorts = 1_000,
    more = {},
    say = () => undefined,
  } = options
  const profile = PROFILES[profileName]
  const root = await fetchRoot(version, env, clock, say)
  const storeRoot = version === '22' ? root : await fetchRoot('22', env, clock, say)
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce({
        root,
        storeRoot,
        version,
        profile,
        clock,
        ringForS,
        consultForS,
        usualPorts,
        rtpPorts,
        more,
      })
    } catch (error) {
      // Most likely another process took a port between our looking and the program's binding it.
      if (tries === START_TRIES) throw error
    }
  }
}

type Wanted = Pick<Lab, 'root' | 'storeRoot' | 'version' | 'profile' | 'clock'> &
  Required<Pick<LabOptions, 'ringForS' | 'consultForS' | 'usualPorts' | 'rtpPorts' | 'more'>>

async function startOnce(wanted: Wanted): Promise<Lab> {
  const { root, storeRoot, version, profile, clock } = wanted
  const dir = newRunFolder()
  mkdirSync(join(dir, 'log'))
  const programs = openPrograms(dir, clock)
  const stop = async () => {
    await programs.stopAll()
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    const made = { ...wanted, folder: dir, programs }
    const [asterisk, redis] = await Promise.all([openAsterisk(made), openValkey({ ...made, root: storeRoot })])
    return { dir, root, storeRoot, version, profile, clock, programs, asterisk, redis, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** For more servers beside those of the lab: they stop when it does. */
export const groundOf = ({ dir, storeRoot, programs, clock }: Lab): Ground => ({
  folder: dir,
  root: storeRoot,
  programs,
  clock,
})

/** How to reach a running lab, as plain data. */
export function describeLab({ dir, version, profile, asterisk, redis }: Lab) {
  const { ami, ari, sip, trunk, files } = asterisk
  const phones = extensionsOf(profile).flatMap(extension =>
    devicesOf(profile, extension).map(device => ({ extension, device, password: sip.password })),
  )
  return {
    dir,
    version,
    profile: profile.name,
    ami,
    ari,
    sip: { host: sip.host, port: sip.port },
    trunk,
    files,
    redis: redis.url,
    phones,
  }
}
