import { bytesGoString, GoError, type GoFunction, GoObject, type GoValue, sprint } from '@sluice/go'
import {
  type CertificateRequest,
  type Clock,
  type Crypto,
  CryptoError,
  type KeyKind,
  type Random,
} from '@sluice/ports'
import { define, type FunctionMap } from '../functions.ts'
import { decodeBase64 } from './encoding.ts'
import { isIpAddress } from './ip-address.ts'
import { checkPrivateKey, decodePem } from './pem.ts'

const dayMs = 86_400_000
const serialBytes = 16
/** Sprig makes larger RSA keys where a key is asked for alone than for certificates. */
const aloneRsaBits = 4096
const certificateType = 'sprig.certificate'

type Ports = { readonly clock: Pick<Clock, 'now'>; readonly random: Random; readonly crypto: Crypto }

/** Lists as templates give them: IP addresses and DNS names besides the common name. */
type Names = {
  readonly commonName: string
  readonly ips: readonly GoValue[] | null
  readonly dns: readonly GoValue[] | null
}

const names = ['string', '[]interface {}', '[]interface {}', 'int'] as const

/** Sprig's keys and certificates. Source: Masterminds/sprig 3.3.0, crypto.go. */
export function certificateFunctions(ports: Ports): FunctionMap {
  const { crypto } = ports
  const rsa = (): string => crypto.generateKey('rsa').privateKey
  return new Map<string, GoFunction>([
    ['genPrivateKey', define(['string'], (kind) => privateKey(crypto, kind))],
    ['buildCustomCert', define(['string', 'string'], customCertificate)],
    [
      'genCA',
      define(['string', 'int'], (commonName, days) =>
        authority(ports, commonName, { days: days.value, key: rsa() }),
      ),
    ],
    [
      'genCAWithKey',
      define(['string', 'int', 'string'], (commonName, days, key) =>
        authority(ports, commonName, { days: days.value, key: checked(key) }),
      ),
    ],
    [
      'genSelfSignedCert',
      define(names, (commonName, ips, dns, days) =>
        issue(ports, { commonName, ips, dns }, { days: days.value, key: rsa }),
      ),
    ],
    [
      'genSelfSignedCertWithKey',
      define([...names, 'string'], (...[commonName, ips, dns, days, key]) =>
        issue(ports, { commonName, ips, dns }, { days: days.value, key: () => checked(key) }),
      ),
    ],
    [
      'genSignedCert',
      define([...names, certificateType], (...[commonName, ips, dns, days, ca]) =>
        issue(ports, { commonName, ips, dns }, { days: days.value, key: rsa, issuer: issuerOf(ca) }),
      ),
    ],
    [
      'genSignedCertWithKey',
      define([...names, certificateType, 'string'], (...[commonName, ips, dns, days, ca, key]) =>
        issue(
          ports,
          { commonName, ips, dns },
          { days: days.value, key: () => checked(key), issuer: issuerOf(ca) },
        ),
      ),
    ],
  ])
}

function privateKey(crypto: Crypto, kind: string): string {
  const known: ReadonlyMap<string, KeyKind> = new Map([
    ['', 'rsa'],
    ['rsa', 'rsa'],
    ['dsa', 'dsa'],
    ['ecdsa', 'ecdsa'],
    ['ed25519', 'ed25519'],
  ])
  const wanted = known.get(kind)
  if (!wanted) return `Unknown type ${kind}`
  return crypto.generateKey(wanted, { rsaBits: aloneRsaBits }).privateKey
}

function checked(key: string): string {
  try {
    checkPrivateKey(key)
    return key
  } catch (cause) {
    if (cause instanceof GoError) throw new GoError(`parsing private key: ${cause.message}`, { cause })
    throw cause
  }
}

type Issue = {
  readonly days: bigint
  readonly key: () => string
  readonly issuer?: NonNullable<CertificateRequest['issuer']>
}

function authority(
  ports: Ports,
  commonName: string,
  { days, key }: { readonly days: bigint; readonly key: string },
): GoObject {
  return create(ports, {
    ...baseRequest(ports, { commonName, ips: null, dns: null }, days),
    isCa: true,
    usages: ['digitalSignature', 'keyEncipherment', 'certSign', 'serverAuth', 'clientAuth'],
    privateKey: key,
  })
}

function issue(ports: Ports, subject: Names, { days, key, issuer }: Issue): GoObject {
  const privateKeyPem = key()
  return create(ports, {
    ...baseRequest(ports, subject, days),
    isCa: false,
    usages: ['digitalSignature', 'keyEncipherment', 'serverAuth', 'clientAuth'],
    privateKey: privateKeyPem,
    ...(issuer ? { issuer } : {}),
  })
}

function create({ crypto }: Ports, request: CertificateRequest): GoObject {
  try {
    return certificate(crypto.createCertificate(request), request.privateKey)
  } catch (cause) {
    if (cause instanceof CryptoError && cause.code === 'CRYPTO_INVALID_INPUT') {
      throw new GoError(`error creating certificate: ${cause.message}`, { cause })
    }
    throw cause
  }
}

function baseRequest(
  { clock, random }: Ports,
  { commonName, ips, dns }: Names,
  days: bigint,
): Omit<CertificateRequest, 'isCa' | 'usages' | 'privateKey'> {
  const notBefore = clock.now()
  return {
    commonName,
    ipAddresses: (ips ?? []).map(ipAddress),
    dnsNames: (dns ?? []).map(dnsName),
    notBefore,
    notAfter: notBefore + Number(days) * dayMs,
    serialNumber: random.bytes(serialBytes),
  }
}

function ipAddress(value: GoValue): string {
  if (typeof value !== 'string') throw new GoError(`error parsing ip: ${sprint([value])} is not a string`)
  if (!isIpAddress(value)) throw new GoError(`error parsing ip: ${value}`)
  return value
}

function dnsName(value: GoValue): string {
  if (typeof value === 'string') return value
  throw new GoError(`error processing alternate dns name: ${sprint([value])} is not a string`)
}

function certificate(cert: string, key: string): GoObject {
  return new GoObject(
    certificateType,
    new Map([
      ['Cert', cert],
      ['Key', key],
    ]),
  )
}

function issuerOf(ca: GoValue): NonNullable<CertificateRequest['issuer']> {
  const fields = ca instanceof GoObject ? ca.fields : new Map<string, GoValue>()
  const [cert, key] = [textField(fields, 'Cert'), textField(fields, 'Key')]
  if (!decodePem(cert)) throw new GoError('unable to decode certificate')
  checkKeyOf(key)
  return { certificate: cert, privateKey: key }
}

function textField(fields: ReadonlyMap<string, GoValue>, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value : ''
}

function customCertificate(base64Cert: string, base64Key: string): GoObject {
  const cert = decoded(base64Cert, 'certificate')
  const key = decoded(base64Key, 'private key')
  if (!decodePem(cert)) throw new GoError('unable to decode certificate')
  checkKeyOf(key)
  return certificate(cert, key)
}

function checkKeyOf(key: string): void {
  try {
    checkPrivateKey(key)
  } catch (cause) {
    if (cause instanceof GoError) throw new GoError(`error parsing private key: ${cause.message}`, { cause })
    throw cause
  }
}

function decoded(text: string, what: string): string {
  try {
    return bytesGoString(decodeBase64(text))
  } catch (cause) {
    if (cause instanceof GoError) throw new GoError(`unable to decode base64 ${what}`, { cause })
    throw cause
  }
}
