/**
 * What the manager user may do and is sent. What it may do, `ListCommands` tells: it lists no action that the user has no
 * right to. What it is sent, no action tells; `FullyBooted` proves one right, and the PBX's own file names the others. Pure.
 */
import type { Checks } from './check.js'

/** An action that one right alone opens, and what the daemon does with that right. */
const WRITES = {
  call: { proof: 'Redirect', needed: 'hanging up (POST /v1/calls/{id}/hangup), transfers, parking' },
  originate: { proof: 'Originate', needed: 'click to dial (POST /v1/calls)' },
  reporting: { proof: 'CoreShowChannels', needed: 'the snapshot after each connect, without which nothing begins' },
  agent: { proof: 'QueueAdd', needed: 'signing queue members in and out, and pausing them' },
} as const

const READS = {
  system: 'FullyBooted, without which nothing begins',
  call: 'every call: channels, dialling, bridges',
  agent: 'queues: callers, members, offers',
  user: 'how callers left queues, as the contexts aladdin-queue and aladdin-stage say it',
} as const

/** Opened by rights that the daemon does without: each is more than a program that is broken into should have. */
const TOO_MUCH = {
  Command: 'command',
  GetConfig: 'config',
  ModuleLoad: 'system',
  UserEvent: 'user',
  AGI: 'agi',
} as const

export type RightsSeen = {
  /** Whether ListCommands names the action; undefined where that action itself was refused. */
  mayAsk: ((action: string) => boolean) | undefined
  /** `read` of the user in manager.conf, undefined where it cannot be read. */
  read: string | undefined
  booted: boolean
}

export function judgeRights(checks: Checks, user: string, { mayAsk, read, booted }: RightsSeen): void {
  const mend = (kind: string, right: string) =>
    `manager.conf, [${user}]: add ${right} to "${kind}", or take the template of dialplan/manager-aladdin.conf`
  for (const [right, { proof, needed }] of Object.entries(WRITES)) {
    const check = `ami.write.${right}`
    if (!mayAsk) checks.unknown(check, `needed for ${needed}; cannot be checked: ListCommands was refused`)
    else if (mayAsk(proof)) checks.ok(check, `for ${needed}`)
    else if (right === 'agent' && !mayAsk('QueueStatus'))
      checks.unknown(
        check,
        'app_queue is not loaded, so the right cannot be seen',
        'load app_queue if there are queues',
      )
    else checks.failed(check, `missing, needed for ${needed}`, mend('write', right))
  }
  const listed = read?.split(',').map(right => right.trim())
  for (const [right, needed] of Object.entries(READS)) {
    const check = `ami.read.${right}`
    const has = (right === 'system' && booted) || listed?.some(one => one === right || one === 'all')
    if (has) checks.ok(check, `for ${needed}`)
    else if (listed) checks.failed(check, `missing, needed for ${needed}`, mend('read', right))
    else checks.unknown(check, `needed for ${needed}; cannot be checked with these rights`, `see "read" of [${user}]`)
  }
  const more = Object.entries(TOO_MUCH).filter(([action]) => mayAsk?.(action)).map(([, right]) => right) // prettier-ignore
  if (more.length > 0)
    checks.warning(
      'ami.write.more',
      `more than the daemon needs: ${more.join(', ')}`,
      `take it from "write" of [${user}]`,
    )
}
