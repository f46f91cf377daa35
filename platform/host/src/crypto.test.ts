import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { nodeCrypto } from './crypto.ts'

const year = 365 * 24 * 3600 * 1000
const start = Date.UTC(2026, 0, 1)

test.for(['rsa', 'ecdsa', 'ed25519', 'dsa'] as const)('a key of kind %s is read back', (kind) => {
  const { privateKey } = nodeCrypto.generateKey(kind)
  expect(createPrivateKey(privateKey).type).toBe('private')
})

test.for(['rsa', 'ecdsa', 'ed25519'] as const)('a %s authority signs a server certificate', (kind) => {
  const ca = nodeCrypto.generateKey(kind)
  const validity = { notBefore: start, notAfter: start + 30 * year }
  const caCertificate = nodeCrypto.createCertificate({
    ...validity,
    commonName: 'näme',
    isCa: true,
    usages: ['digitalSignature', 'keyEncipherment', 'certSign'],
    serialNumber: Uint8Array.of(0, 0x81, 2),
    privateKey: ca.privateKey,
  })
  const server = nodeCrypto.generateKey('ecdsa')
  const certificate = new X509Certificate(
    nodeCrypto.createCertificate({
      ...validity,
      commonName: 'server',
      organizations: ['one', 'two'],
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1', '::ffff:10.1.2.3', 'fe80::1'],
      isCa: false,
      usages: ['digitalSignature', 'serverAuth', 'clientAuth'],
      serialNumber: Uint8Array.of(7),
      privateKey: server.privateKey,
      issuer: { certificate: caCertificate, privateKey: ca.privateKey },
    }),
  )
  const issuer = new X509Certificate(caCertificate)
  expect(certificate.verify(issuer.publicKey)).toBe(true)
  expect(certificate.checkIssued(issuer)).toBe(true)
  expect(issuer.ca).toBe(true)
  expect(issuer.subject).toBe('CN=näme')
  expect(certificate.subject).toContain('O=one')
  expect(certificate.subjectAltName).toBe(
    'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:FFFF:A01:203, IP Address:FE80:0:0:0:0:0:0:1',
  )
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  expect(Date.parse(certificate.validTo)).toBe(start + 30 * year)
})

test('a DSA key cannot sign a certificate', () => {
  const { privateKey } = nodeCrypto.generateKey('dsa')
  const request = { commonName: 'x', isCa: true, usages: [], notBefore: start, notAfter: start + year }
  expect(() =>
    nodeCrypto.createCertificate({ ...request, serialNumber: Uint8Array.of(1), privateKey }),
  ).toThrow('a key of type dsa cannot sign certificates')
})

test('bcrypt uses the form that htpasswd files know', () => {
  expect(nodeCrypto.bcrypt('secret', 4)).toMatch(/^\$2a\$04\$.{53}$/)
})

test('AES-CBC gives back what it took', () => {
  const options = { key: new Uint8Array(32), iv: new Uint8Array(16) }
  const secret = nodeCrypto.aesCbc('encrypt', Buffer.from('hello'), options)
  expect(Buffer.from(nodeCrypto.aesCbc('decrypt', secret, options)).toString()).toBe('hello')
  expect(() => nodeCrypto.aesCbc('decrypt', secret.subarray(1), options)).toThrow('cannot decrypt')
})
