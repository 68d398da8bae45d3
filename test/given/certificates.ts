/** Certificates for one run: one that signs, and one for a server at 127.0.0.1, made by openssl. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Certificates = {
  /** Who trusts this, trusts the server. */
  caFile: string
  /** Certificate and key of the server in one file, as Asterisk wants them. */
  serverFile: string
}

const openssl = (dir: string, ...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })

/** `at`: the address or name that the server's certificate is for. */
export function makeCertificates(dir: string, at = 'IP:127.0.0.1'): Certificates {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(dir, 'req', '-x509', ...key, '-days', '2', '-subj', '/CN=Lab CA', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl(dir, 'req', ...key, '-subj', '/CN=Lab PBX', '-keyout', 'server.key', '-out', 'server.csr')
  writeFileSync(join(dir, 'names'), `subjectAltName=${at}`)
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
  openssl(dir, 'x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.crt')
  writeFileSync(join(dir, 'server.pem'), openssl(dir, 'x509', '-in', 'server.crt'))
  writeFileSync(join(dir, 'server.pem'), openssl(dir, 'pkey', '-in', 'server.key'), { flag: 'a', mode: 0o600 })
  return { caFile: join(dir, 'ca.pem'), serverFile: join(dir, 'server.pem') }
}
