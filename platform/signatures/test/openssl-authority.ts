import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Signer } from './notation-signer.ts'

/** Whether OpenSSL is here to play the authorities. */
export const hasOpenssl: boolean = spawnSync('openssl', ['version']).status === 0

export type AuthorityOptions = {
  /** What the signer's certificate says about where to ask. */
  readonly names?: readonly ('ocsp' | 'crl')[]
}

/** An authority with a service for the status of certificates, lists of revoked ones and timestamps, all by OpenSSL. */
export type Authority = {
  readonly root: string
  readonly newSigner: (options: AuthorityOptions) => Signer
  readonly revoke: (signer: Signer) => void
  /** A token of time over some bytes. */
  readonly timestamp: (content: Uint8Array) => Buffer
  /** Services that give no answer from now on, or all do. */
  readonly setDown: (down: readonly ('ocsp' | 'crl')[]) => void
  /** What was asked for. */
  readonly asked: string[]
  readonly close: () => void
}

export async function startAuthority(): Promise<Authority> {
  const at = mkdtempSync(join(tmpdir(), 'sluice-authority-'))
  // No argument has a space in it.
  const run = (...commands: readonly string[]): Buffer =>
    execFileSync('openssl', commands.join(' ').split(' '), { cwd: at, stdio: 'pipe' })
  const asked: string[] = []
  let down: readonly string[] = []
  let count = 0

  const server = createServer((request, response) => {
    const what = request.url?.startsWith('/ocsp') ? 'ocsp' : 'crl'
    asked.push(`${request.method} ${what}`)
    void buffer(request).then((body) => {
      if (down.includes(what)) response.writeHead(500).end()
      else response.end(what === 'crl' ? revocationList() : answerStatus(request.url ?? '', body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  writeFileSync(
    join(at, 'ca.cnf'),
    `[ca]
default_ca = own
[own]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = root.pem
private_key = root.key
default_md = sha256
default_days = 2
default_crl_days = 2
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
organizationName = optional
stateOrProvinceName = optional
countryName = optional
[signer-ocsp]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
authorityInfoAccess = OCSP;URI:${url}/ocsp
[signer-crl]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
crlDistributionPoints = URI:${url}/list.crl
[signer-ocsp-crl]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
authorityInfoAccess = OCSP;URI:${url}/ocsp
crlDistributionPoints = URI:${url}/list.crl
[tsa]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa_default]
serial = tsaserial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
`,
  )
  for (const [name, text] of [
    ['index.txt', ''],
    ['serial', '1000'],
    ['crlnumber', '01'],
    ['tsaserial', '01'],
  ] as const) {
    writeFileSync(join(at, name), text)
  }
  newKey('root')
  run(
    'req -x509 -new -key root.key -out root.pem -days 3 -subj /O=team/CN=root',
    '-addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign',
  )
  issue('tsa', 'tsa')

  function newKey(name: string): void {
    run(`ecparam -name prime256v1 -genkey -noout -out ${name}.key`)
  }

  function issue(name: string, extensions: string): void {
    newKey(name)
    run(`req -new -key ${name}.key -out ${name}.csr -subj /C=DE/ST=B/O=team/CN=${name}`)
    run(`ca -config ca.cnf -batch -notext -in ${name}.csr -out ${name}.pem -extensions ${extensions}`)
  }

  function revocationList(): Buffer {
    run('ca -config ca.cnf -gencrl -out list.pem')
    return run('crl -in list.pem -outform DER')
  }

  function answerStatus(path: string, body: Buffer): Buffer {
    const inPath = Buffer.from(decodeURIComponent(path.replace(/^\/ocsp\/?/, '')), 'base64')
    writeFileSync(join(at, 'request.der'), body.length > 0 ? body : inPath)
    run(
      'ocsp -index index.txt -CA root.pem -rsigner root.pem -rkey root.key',
      '-reqin request.der -respout response.der -ndays 1',
    )
    return readFileSync(join(at, 'response.der'))
  }

  const pem = (name: string): string => readFileSync(join(at, name), 'utf8')
  return {
    root: pem('root.pem'),
    newSigner: ({ names = [] }) => {
      count += 1
      const name = `signer-${count}`
      issue(name, ['signer', ...names].join('-'))
      return { privateKey: pem(`${name}.key`), chain: [pem(`${name}.pem`), pem('root.pem')] }
    },
    revoke: ({ chain }) => {
      writeFileSync(join(at, 'revoked.pem'), chain[0] ?? '')
      run('ca -config ca.cnf -revoke revoked.pem')
    },
    timestamp: (content) => {
      writeFileSync(join(at, 'content'), content)
      run('ts -query -data content -sha256 -cert -out query.tsq')
      return run(
        'ts -reply -queryfile query.tsq -signer tsa.pem -inkey tsa.key',
        '-config ca.cnf -section tsa_default -token_out',
      )
    },
    setDown: (services) => {
      down = services
    },
    asked,
    close: () => {
      server.closeAllConnections()
      server.close()
      rmSync(at, { recursive: true, force: true })
    },
  }
}
