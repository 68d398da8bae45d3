/** What an agent is good at: workgroups, each with the penalty that they have in its queue. Pure. */
import { penaltyOf, type Staff } from '../events/directory.js'

export type Skill = { workgroup: string; penalty: number }

export const skillsOf = (staff: Pick<Staff, 'workgroups'> | undefined): Skill[] =>
  (staff?.workgroups ?? []).map(({ workgroup, level }) => ({ workgroup, penalty: penaltyOf(level) }))

/** With what a supervisor has changed for now. */
export function skillsNow(
  skills: readonly Skill[],
  { added, removed }: { added: readonly Skill[]; removed: readonly string[] },
): Skill[] {
  const others = skills.filter(s => !removed.includes(s.workgroup) && !added.some(a => a.workgroup === s.workgroup))
  return [...others, ...added]
}
