/** Every key the daemon uses. The PBX is the hash tag, so all that belongs to one PBX is in one slot of a cluster. */
export const keysOf = (prefix: string, pbx: string) => {
  const own = `${prefix}:{${pbx}}`
  return {
    /** Stream: the event log. */
    log: `${own}:log`,
    /** Hash: call id -> state of each live call, as of the last event; beside them what is to be followed up, and the numbers of queues. */
    live: `${own}:live`,
    /** Hash: epoch (who may write), seq and ms (the last event), heardAt (when the PBX was last heard of), schema. */
    meta: `${own}:meta`,
    /** Hash: what was found under our names and is not ours, by where it was. */
    foreign: `${own}:foreign`,
    /**
     * How the history's own keys begin; the scripts make them. `r:` lists of records, `k:` hashes from call id to the
     * record's number, `i:` and `d:` sorted sets by which calls are found, `a:` and `u:` sorted sets, the activity log and the audit trail, `m` hash of what else there is to know.
     */
    history: `${own}:h:`,
    /** Text: the position up to which the history has read the log. */
    historyRead: `${own}:history:read`,
  }
}

/** Text, one for each Idempotency-Key: what the command was answered with. `id`: a digest. Of no one PBX. */
export const answerKey = (prefix: string, id: string) => `${prefix}:answer:${id}`

export type Keys = ReturnType<typeof keysOf>
