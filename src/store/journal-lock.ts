/**
 * Keeps a journal to one daemon: a Unix socket beside it, on which its owner listens. The kernel lets go of it whatever the
 * owner dies of, so what a killed one leaves behind is a name that nobody answers to, and is taken over. It holds between
 * containers that share the folder, too, which a process number would not. Touches that folder.
 */
import { createHash } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'

/** Paths of sockets may have no more than 107 bytes (unix(7)). */
const LONGEST_PATH = 107
const LONGEST_NAME = 60
const TRIES = 3

class JournalLocked extends Error {
  constructor(path: string) {
    super(`another daemon has this journal: ${path}; give each its own events.journal.dir, or stop the other first`)
  }
}

type JournalLock = { release: () => Promise<void> }

/** Rejects with JournalLocked while another process has it. */
export async function lockJournal(dir: string, name: string): Promise<JournalLock> {
  const file = `${name.length > LONGEST_NAME ? createHash('sha256').update(name).digest('hex').slice(0, 24) : name}.lock`
  // Where the whole path is too long, the folder goes by its descriptor.
  const folder = Buffer.byteLength(join(dir, file)) > LONGEST_PATH ? await open(dir, 'r') : undefined
  const path = folder ? `/proc/self/fd/${folder.fd}/${file}` : join(dir, file)
  try {
    for (let tries = 1; ; tries++) {
      const server = await listening(path)
      if (server) return { release: () => released(server, folder) }
      if (tries === TRIES || (await isAnswered(path))) throw new JournalLocked(join(dir, file))
      await rm(path, { force: true })
    }
  } catch (error) {
    await folder?.close()
    throw error
  }
}

/** Undefined when there is something of that name. */
function listening(path: string): Promise<Server | undefined> {
  const server = createServer(socket => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => resolve(server.unref()))
  })
}

/** A process that stands still has not answered, but its socket is there all the same. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    )
  })
}

/** The name goes with the socket. */
async function released(server: Server, folder: FileHandle | undefined) {
  await new Promise<void>(resolve => server.close(() => resolve()))
  await folder?.close()
}
