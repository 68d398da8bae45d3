/** What test/engine/disorder.test.ts tells, with every event left out, and every two of a call. */
process.env['ALADDIN_EVERY_CASE'] = 'yes'
await import('../engine/disorder.test.js')
