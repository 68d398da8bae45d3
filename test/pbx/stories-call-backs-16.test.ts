/** What test/pbx/call-backs.test.ts tells, on a real Asterisk 16. */
process.env['ALADDIN_LAB_ASTERISK'] = '16'
await import('./call-backs.test.js')
