/**
 * Passwords are kept as scrypt hashes (RFC 7914), with the parameters that OWASP names: N = 2^15, r = 8, p = 3. Each costs
 * some 32 MB and a tenth of a second, which is what a guess costs, too.
 */
import { scrypt, timingSafeEqual } from 'node:crypto'

const [LOG2_N, R, P] = [15, 8, 3]
const KEY_BYTES = 32
const MAX_MEMORY = 64 << 20

type Cost = { log2N: number; r: number; p: number }

function derive(password: string, salt: string, { log2N, r, p }: Cost): Promise<Buffer> {
  const options = { N: 2 ** log2N, r, p, maxmem: MAX_MEMORY }
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key))),
  )
}

/** `salt`: 16 random bytes or more, as text. */
export async function hashPassword(password: string, salt: string): Promise<string> {
  const key = await derive(password, salt, { log2N: LOG2_N, r: R, p: P })
  return ['scrypt', LOG2_N, R, P, salt, key.toString('base64url')].join('$')
}

/** Somebody whom nobody knows costs as much time as somebody who is known. */
const NOBODY = ['scrypt', LOG2_N, R, P, 'AAAAAAAAAAAAAAAAAAAAAA', 'A'.repeat(43)].join('$')

export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, log2N, r, p, salt = '', key = ''] = (hash ?? NOBODY).split('$')
  const found = await derive(password, salt, { log2N: Number(log2N), r: Number(r), p: Number(p) })
  const wanted = Buffer.from(key, 'base64url')
  return found.length === wanted.length && timingSafeEqual(found, wanted) && hash !== undefined
}
