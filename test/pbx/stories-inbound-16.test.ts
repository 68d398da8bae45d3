/** What test/pbx/inbound.test.ts tells, on a real Asterisk 16. */
process.env['ALADDIN_LAB_ASTERISK'] = '16'
await import('./inbound.test.js')
