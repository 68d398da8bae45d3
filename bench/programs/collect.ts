/**
 * Loaded into the daemon by a benchmark of memory: when it is told to (SIGUSR2), it gives back what is no longer used, and
 * says how much is, in bytes.
 */
let times = 0
process.on('SIGUSR2', () => {
  const { gc } = globalThis as { gc?: () => void }
  for (let n = 0; n < 4; n++) gc?.()
  const { heapUsed, external } = process.memoryUsage()
  console.log(`collected ${++times}: ${heapUsed + external} bytes`)
})
