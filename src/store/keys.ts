/** Every key the daemon uses. The PBX is the hash tag, so all that belongs to one PBX is in one slot of a cluster. */
export const keysOf = (prefix: string, pbx: string) => {
  const own = `${prefix}:{${pbx}}`
  return {
    /** Stream: the event log. */
    log: `${own}:log`,
    /** Hash: call id -> state of each live call, as of the last event. */
    live: `${own}:live`,
    /** Hash: epoch (who may write), seq and ms (the last event), heardAt (when the PBX was last heard of), schema. */
    meta: `${own}:meta`,
    /** Hash: what was found under our names and is not ours, by where it was. */
    foreign: `${own}:foreign`,
    /** Hash: call id -> record. */
    records: `${own}:history:records`,
    /** Sorted set: call id by its start. */
    byStart: `${own}:history:start`,
    byExtension: (extension: string) => `${own}:history:ext:${extension}`,
    byNumber: (number: string) => `${own}:history:num:${number}`,
    /** Text: the position up to which the history has read the log. */
    historyRead: `${own}:history:read`,
  }
}

export type Keys = ReturnType<typeof keysOf>
