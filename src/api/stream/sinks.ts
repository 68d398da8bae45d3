/** The two ways a stream leaves the house: WebSocket frames and server-sent events. The texts are the same. */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { after, sleep, type Clock } from '../../base/clock.js'
import type { End, Sink } from './follow.js'

/** WebSocket close codes: 1001 is "going away", those from 4000 on are ours. */
export const CLOSE_CODES: Record<End, { code: number; reason: string }> = {
  stopping: { code: 1001, reason: 'the daemon is stopping: resume from your cursor' },
  slow: { code: 4008, reason: 'too slow: resume from your cursor' },
  gone: { code: 4010, reason: 'events after your cursor are no longer kept: take a snapshot' },
  failed: { code: 1011, reason: 'the event log cannot be read: resume from your cursor' },
}

const LOOK_AGAIN_MS = 20

/**
 * `stream`: what the WebSocket runs on. The frames are made once for all sockets and written as they are, in one go: the
 * library makes them anew for each, and calls the kernel for each (docs/performance.md). It compresses nothing and sends at
 * once, so its own frames (ping, close) keep their order.
 */
export function webSocketSink(socket: WebSocket, stream: Duplex, clock: Clock): Sink {
  return {
    send(messages) {
      if (socket.readyState !== socket.OPEN) return
      const [first] = messages
      stream.write(messages.length === 1 && first ? first.frame() : Buffer.concat(messages.map(m => m.frame())))
    },
    backlog: () => socket.bufferedAmount,
    async drained() {
      while (socket.readyState === socket.OPEN && socket.bufferedAmount > 0) await sleep(clock, LOOK_AGAIN_MS)
    },
    end(why) {
      const { code, reason } = CLOSE_CODES[why]
      socket.close(code, reason)
    },
  }
}

export function sseSink(response: ServerResponse): Sink {
  return {
    send: messages =>
      void response.write(messages.map(m => `id: ${m.cursor}\nevent: ${m.type}\ndata: ${m.text}\n\n`).join('')),
    backlog: () => response.writableLength,
    drained: () =>
      response.writableNeedDrain && !response.destroyed
        ? new Promise<void>(resolve => {
            response.once('drain', resolve)
            response.once('close', resolve)
          })
        : Promise.resolve(),
    end(why) {
      response.end(`event: end\ndata: ${JSON.stringify({ why, reason: CLOSE_CODES[why].reason })}\n\n`)
    },
  }
}

/** Calls `beat` at every interval until the function that comes back is called. */
export function everyMs(clock: Clock, ms: number, beat: () => void): () => void {
  let cancel = clock.wake(after(clock, ms), run)
  function run() {
    cancel = clock.wake(after(clock, ms), run)
    beat()
  }
  return () => cancel()
}
