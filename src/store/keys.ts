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
    /** How the keys of jobs begin, which BullMQ makes. */
    jobs: `${own}:jobs`,
    /** What is kept of numbers, such as the blacklist: see number-list.ts. */
    list: (name: string) => ({
      /** Hash: id -> entry. */
      entries: `${own}:n:${name}`,
      /** Sorted set: the ids in their order. */
      ids: `${own}:n:${name}:ids`,
      /** Sorted set: ids by when they expire. */
      expiring: `${own}:n:${name}:until`,
      /** Hash: what the patterns look like -> how many there are. */
      shapes: `${own}:n:${name}:shapes`,
      /** Hashes: id -> how many calls it has decided, and when it was the last time. */
      hits: `${own}:n:${name}:hits`,
      hitAt: `${own}:n:${name}:hit-at`,
      /** List: entries that are taken, and only have to be put in. */
      taken: `${own}:n:${name}:taken`,
      /** List: entries of an import that is not over. */
      staged: (id: string) => `${own}:n:${name}:staged:${id}`,
    }),
  }
}

/** Text, one for each Idempotency-Key: what the command was answered with. `id`: a digest. Of no one PBX. */
export const answerKey = (prefix: string, id: string) => `${prefix}:answer:${id}`

export type Keys = ReturnType<typeof keysOf>
