import { nodeCrypto } from '@sluice/host'

/** PEM of the server's CA, and of the certificate that it shows. */
export type TlsIdentity = {
  readonly ca: string
  readonly caKey: string
  readonly certificate: string
  readonly key: string
}

const yearMs = 365 * 24 * 3_600_000
// Clocks of clients may be a little behind.
const skewMs = 3_600_000

/**
 * A CA and a server certificate for `hosts`, addresses or names. With a `ca` given only the server's own is new.
 *
 * @param now milliseconds since the epoch
 */
export function createTlsIdentity(
  hosts: readonly string[],
  { now, ca }: { readonly now: number; readonly ca?: Pick<TlsIdentity, 'ca' | 'caKey'> },
): TlsIdentity {
  const authority = ca ?? newAuthority(now)
  const { privateKey } = nodeCrypto.generateKey('ecdsa')
  const certificate = nodeCrypto.createCertificate({
    commonName: 'kube-apiserver',
    ipAddresses: hosts.filter(isAddress),
    dnsNames: hosts.filter((it) => !isAddress(it)),
    notBefore: now - skewMs,
    notAfter: now + yearMs,
    isCa: false,
    usages: ['digitalSignature', 'keyEncipherment', 'serverAuth'],
    serialNumber: serial(),
    privateKey,
    issuer: { certificate: authority.ca, privateKey: authority.caKey },
  })
  return { ...authority, certificate, key: privateKey }
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':')
}

function newAuthority(now: number): Pick<TlsIdentity, 'ca' | 'caKey'> {
  const { privateKey } = nodeCrypto.generateKey('ecdsa')
  const ca = nodeCrypto.createCertificate({
    commonName: 'sluice-ca',
    notBefore: now - skewMs,
    notAfter: now + 10 * yearMs,
    isCa: true,
    usages: ['digitalSignature', 'keyEncipherment', 'certSign'],
    serialNumber: serial(),
    privateKey,
  })
  return { ca, caKey: privateKey }
}

/** A random positive serial number. */
function serial(): Uint8Array {
  const bytes = nodeCrypto.randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}
