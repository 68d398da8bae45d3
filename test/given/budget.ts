/** Tests with very many cases: `npm test` tries one of three, `npm run test:long` each. */
const ONE_OF = process.env['ALADDIN_EVERY_CASE'] === 'yes' ? 1 : 3

/** `from`: with which case it begins, so that two tests need not leave out the same. */
export const budgeted = <T>(cases: readonly T[], from = 0): T[] => cases.filter((_, n) => n % ONE_OF === from % ONE_OF)
