/** What a command that carried an Idempotency-Key was answered with, as it is kept for its repeats: a type. */

/** `request`: a digest of its body. `by`: the daemon's run that took it. Without `answer` it is, or was, under way. */
export type KeptAnswer = {
  request: string
  by: string
  answer?: { status: number; type: string; location?: string; body: string }
}
