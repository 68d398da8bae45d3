/** What is wrong with a directory as a whole: names that lead nowhere, and circles. Pure. */
import { queueKey } from '../base/queue-map.js'
import type { Directory } from './state.js'

/** `isQueue`: of a workgroup that the directory does not have, whether the PBX does. */
export function wrongIn(directory: Directory, isQueue: (name: string) => boolean): string[] {
  const { staff, workgroups, dictionaries, roles } = directory
  const numbers = [...workgroups.values()].flatMap(({ number }) => number ?? [])
  return [
    ...[...staff.values()].flatMap(({ id, role, workgroups: skills }) => [
      ...(role === undefined || roles.has(role) ? [] : [`staff ${id}: there is no role ${role}`]),
      ...twice(skills.map(({ workgroup }) => queueKey(workgroup))).map(
        name => `staff ${id}: workgroup ${name} stands twice`,
      ),
      ...skills
        .filter(({ workgroup }) => !workgroups.has(workgroup) && !isQueue(workgroup))
        .map(({ workgroup }) => `staff ${id}: there is no workgroup ${workgroup}`),
    ]),
    ...twice(numbers).map(number => `workgroups: two have the number ${number}`),
    ...[...workgroups.values()].flatMap(({ id, wrapUpCodes }) =>
      wrapUpCodes === undefined || dictionaries.has(wrapUpCodes.dictionary)
        ? []
        : [`workgroups ${id}: there is no dictionary ${wrapUpCodes.dictionary}`],
    ),
    ...[...dictionaries.values()].flatMap(({ id, entries }) =>
      twice(entries.map(({ code }) => code)).map(code => `dictionaries ${id}: code ${code} stands twice`),
    ),
    ...[...roles.values()].flatMap(({ id, includes }) => [
      ...includes.filter(other => !roles.has(other)).map(other => `roles ${id}: there is no role ${other}`),
      ...(reaches(directory, includes, id) ? [`roles ${id}: includes itself`] : []),
    ]),
  ]
}

export const twice = (names: readonly string[]) => [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]

function reaches({ roles }: Directory, from: readonly string[], to: string): boolean {
  const seen = new Set<string>()
  const open = [...from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true
    if (!seen.has(id)) open.push(...(roles.get(id)?.includes ?? []))
    seen.add(id)
  }
  return false
}
