import { SignatureError } from '../signature-error.ts'
import { CborTag, type CborValue, readCbor, writeSignatureStructure } from './cbor.ts'
import {
  checkCritical,
  headers,
  maxCertificates,
  payloadType,
  type SignatureEnvelope,
  schemeOf,
  timestampHeader,
} from './envelope.ts'

/** Source: IANA's registry of COSE algorithms and header parameters. */
const algorithms: ReadonlyMap<unknown, string> = new Map([
  [-37, 'PS256'],
  [-38, 'PS384'],
  [-39, 'PS512'],
  [-7, 'ES256'],
  [-35, 'ES384'],
  [-36, 'ES512'],
])
const label = { algorithm: 1, critical: 2, contentType: 3, certificates: 33 } as const
const tags = { sign1: 18, epoch: 1 } as const

/**
 * Reads a signature in the form of COSE_Sign1.
 *
 * Source: https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-cose.md
 * @throws {SignatureError}
 */
export function readCoseEnvelope(content: Uint8Array): SignatureEnvelope {
  const message = readCbor(content)
  if (!(message instanceof CborTag) || message.tag !== tags.sign1) throw malformed('it is no COSE_Sign1')
  const [encoded, unprotected, payload, signature] = Array.isArray(message.value) ? message.value : []
  const isWhole =
    encoded instanceof Uint8Array && payload instanceof Uint8Array && signature instanceof Uint8Array
  if (!isWhole || !(unprotected instanceof Map)) throw malformed('a part is missing')
  const header = readCbor(encoded)
  if (!(header instanceof Map)) throw malformed('the header is no map')
  if (header.get(label.contentType) !== payloadType) throw malformed('the content is of another type')
  const critical: unknown = header.get(label.critical)
  checkCritical(Array.isArray(critical) ? critical : [], (name) => header.has(name))
  const expiry = timeIn(header, headers.expiry)
  const authenticSigningTime = timeIn(header, headers.authenticTime)
  const timestamp = unprotected.get(timestampHeader)
  return {
    algorithm: algorithms.get(header.get(label.algorithm)) ?? '',
    scheme: schemeOf(header.get(headers.scheme)),
    ...(expiry === undefined ? {} : { expiry }),
    ...(authenticSigningTime === undefined ? {} : { authenticSigningTime }),
    payload,
    signed: writeSignatureStructure('Signature1', encoded, new Uint8Array(), payload),
    signature,
    ...(timestamp instanceof Uint8Array && { timestamp }),
    certificates: certificatesIn(unprotected),
  }
}

/** One certificate, or a list of them. */
function certificatesIn(header: ReadonlyMap<CborValue, CborValue>): readonly Uint8Array[] {
  const chain = header.get(label.certificates)
  const list: readonly unknown[] = Array.isArray(chain) ? chain : [chain]
  const isChain = list.length <= maxCertificates && list.every((it) => it instanceof Uint8Array)
  if (!isChain) throw malformed('it has no certificates')
  return list
}

function timeIn(header: ReadonlyMap<CborValue, CborValue>, name: string): number | undefined {
  const value = header.get(name)
  if (value === undefined) return undefined
  const seconds = value instanceof CborTag && value.tag === tags.epoch ? value.value : value
  if (typeof seconds !== 'number') throw malformed('a time is none')
  return seconds * 1000
}

function malformed(why: string): SignatureError {
  return new SignatureError(`malformed COSE envelope: ${why}`)
}
