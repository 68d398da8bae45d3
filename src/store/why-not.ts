/** Why Redis cannot be reached: what the server or the socket has said last tells more than "Connection is closed". */
type Client = { on(event: 'error', heard: (error: Error) => void): unknown }

/** An answer to a command says itself what is wrong. */
const isAnswer = (failure: Error) => failure.name === 'ReplyError'

/** To be asked before the client connects. The function that comes back names the cause of what failed meanwhile. */
export function causesOf(redis: Client): (failure: unknown) => Error {
  let heard: Error | undefined
  redis.on('error', error => (heard = error))
  return failure => {
    const error = failure instanceof Error ? failure : new Error(String(failure))
    return isAnswer(error) ? error : (heard ?? error)
  }
}
