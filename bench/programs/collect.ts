/** Loaded into the daemon by a benchmark of memory: gives back what is no longer used when it is told to (SIGUSR2). */
process.on('SIGUSR2', () => {
  const { gc } = globalThis as { gc?: () => void }
  for (let n = 0; n < 4; n++) gc?.()
  console.log('collected')
})
