import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto'
// Not the package's index: that takes hold of the process' HTTP client.
import { initializeCA } from '@sigstore/mock/dist/fulcio/index.js'
import { initializeTLog } from '@sigstore/mock/dist/rekor/index.js'

const issuerKeys = { v1: '1.3.6.1.4.1.57264.1.1', v2: '1.3.6.1.4.1.57264.1.8' } as const

/** Authorities and logs of a test, and signers whom they certify. */
export type Sigstore = {
  /** Text of the `trusted_root.json` that believes them. */
  readonly trustedRoot: string
  /** Signs a document as cosign 2 does. */
  readonly signPayload: (payload: Uint8Array, options?: Signing) => Promise<Signature>
  /** Signs a statement as cosign 3 does; a bundle. */
  readonly signStatement: (statement: Uint8Array, options?: Signing) => Promise<object>
}

export type Signing = {
  /** Who the certificate says has signed. */
  readonly subject?: string
  /** What the log is told was signed, instead of what was. */
  readonly logged?: Uint8Array
}

type Signature = {
  readonly signature: string
  /** PEM. */
  readonly certificate: string
  readonly entry: LogEntry
}

type LogEntry = {
  readonly body: string
  readonly integratedTime: number
  readonly logID: string
  readonly logIndex: number
  readonly verification: {
    readonly signedEntryTimestamp: string
    readonly inclusionProof: {
      readonly logIndex: number
      readonly treeSize: number
      readonly rootHash: string
      readonly checkpoint: string
    }
  }
}

export const issuer = 'https://token.actions.githubusercontent.com'
export const subject = 'https://github.com/team/app/.github/workflows/release.yml@refs/tags/v1'

export async function startSigstore(): Promise<Sigstore> {
  const ctLog = certificateLog()
  const ca = await initializeCA(keyPair('P-384'), ctLog)
  const tlog = await initializeTLog('https://rekor.test', keyPair('P-256'))
  const trustedRoot = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logInstance(tlog.publicKey)],
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
        uri: 'https://fulcio.test',
        certChain: { certificates: [{ rawBytes: ca.rootCertificate.toString('base64') }] },
        validFor,
      },
    ],
    ctlogs: [logInstance(ctLog.publicKey)],
    timestampAuthorities: [],
  })

  return { trustedRoot, signPayload, signStatement }

  async function certify(
    san: string,
  ): Promise<{ readonly privateKey: KeyPairKeyObjectResult['privateKey']; readonly der: string }> {
    const { publicKey, privateKey } = keyPair('P-256')
    const certificate = await ca.issueCertificate({
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      subjectAltName: san,
      extensions: [
        { oid: issuerKeys.v1, value: issuer, legacy: true },
        { oid: issuerKeys.v2, value: issuer },
      ],
    })
    return { privateKey, der: certificate.toString('base64') }
  }

  async function log(entry: object): Promise<LogEntry> {
    const [found] = Object.values(await tlog.log(entry))
    if (!found) throw new Error('the log has no answer')
    return found as LogEntry
  }

  async function signPayload(
    payload: Uint8Array,
    { subject: san = subject, logged = payload }: Signing = {},
  ): Promise<Signature> {
    const { privateKey, der } = await certify(san)
    const signature = sign('sha256', payload, privateKey).toString('base64')
    const publicKey = { content: Buffer.from(pemOf(der)).toString('base64') }
    const data = { hash: { algorithm: 'sha256', value: hexOf(logged) } }
    const spec = { data, signature: { content: signature, publicKey } }
    const entry = await log({ apiVersion: '0.0.1', kind: 'hashedrekord', spec })
    return { signature, certificate: pemOf(der), entry }
  }

  async function signStatement(
    statement: Uint8Array,
    { subject: san = subject, logged = statement }: Signing = {},
  ): Promise<object> {
    const { privateKey, der } = await certify(san)
    const payloadType = 'application/vnd.in-toto+json'
    const head = `DSSEv1 ${payloadType.length} ${payloadType} ${statement.length} `
    const sig = sign('sha256', Buffer.concat([Buffer.from(head), statement]), privateKey).toString('base64')
    const payloadHash = { algorithm: 'sha256', value: hexOf(logged) }
    const spec = { payloadHash, signatures: [{ signature: sig, verifier: '' }] }
    const { body, integratedTime, logID, logIndex, verification } = await log({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec,
    })
    const { inclusionProof, signedEntryTimestamp } = verification
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: der },
        tlogEntries: [
          {
            logIndex: String(logIndex),
            logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
            kindVersion: { kind: 'dsse', version: '0.0.1' },
            integratedTime: String(integratedTime),
            inclusionPromise: { signedEntryTimestamp },
            inclusionProof: {
              logIndex: String(inclusionProof.logIndex),
              rootHash: Buffer.from(inclusionProof.rootHash, 'hex').toString('base64'),
              treeSize: String(inclusionProof.treeSize),
              hashes: [],
              checkpoint: { envelope: inclusionProof.checkpoint },
            },
            canonicalizedBody: body,
          },
        ],
      },
      dsseEnvelope: {
        payload: Buffer.from(statement).toString('base64'),
        payloadType,
        signatures: [{ sig }],
      },
    }
  }
}

/**
 * A log of certificates, which signs that it has seen one.
 *
 * Source: RFC 6962, section 3.2. The log of the mock makes empty signatures with today's pkijs.
 */
function certificateLog(): { readonly publicKey: Buffer; readonly logID: Buffer; readonly log: Log } {
  const { publicKey: key, privateKey } = keyPair('P-256')
  const publicKey = key.export({ type: 'spki', format: 'der' })
  const logID = createHash('sha256').update(publicKey).digest()
  const log: Log = async (certificate, issuerId) => {
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(BigInt(Date.now()))
    const tbs = firstElement(Buffer.from(certificate).subarray(4))
    const signed = Buffer.concat([
      Buffer.from([0, 0]),
      time,
      Buffer.from([0, 1]),
      Buffer.from(issuerId),
      unsigned(tbs.length, 3),
      tbs,
      unsigned(0, 2),
    ])
    const signature = sign('sha256', signed, privateKey)
    const timestamp = Buffer.concat([
      Buffer.from([0]),
      logID,
      time,
      unsigned(0, 2),
      Buffer.from([4, 3]),
      unsigned(signature.length, 2),
      signature,
    ])
    return Uint8Array.from([...unsigned(timestamp.length, 2), ...timestamp]).buffer
  }
  return { publicKey, logID, log }
}

type Log = (certificate: ArrayBuffer, issuerId: ArrayBuffer) => Promise<ArrayBuffer>

function unsigned(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, 0, size)
  return bytes
}

/** The first of DER's elements, whose length has two bytes. */
function firstElement(content: Buffer): Buffer {
  return content.subarray(0, 4 + content.readUInt16BE(2))
}

const validFor = { start: '2020-01-01T00:00:00Z' }

function logInstance(publicKey: Buffer): object {
  return {
    baseUrl: 'https://rekor.test',
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: publicKey.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: createHash('sha256').update(publicKey).digest('base64') },
  }
}

function keyPair(namedCurve: string): KeyPairKeyObjectResult {
  return generateKeyPairSync('ec', { namedCurve })
}

function pemOf(der: string): string {
  return `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`
}

function hexOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
