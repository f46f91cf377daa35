import type { X509Certificate } from 'node:crypto'
import { bitsOf, contextTag, type DerValue, derValue, oidText, partsOf, required, tag } from './der.ts'

const oids = { revocationLists: '2.5.29.31' } as const

/** What of a certificate Node does not tell. */
export type CertificateFields = {
  readonly issuer: Buffer
  readonly subject: Buffer
  /** With its tag and length, as other structures repeat it. */
  readonly serial: Buffer
  /** The key's own octets. */
  readonly publicKey: Buffer
  readonly extensions: readonly Extension[]
}

export type Extension = { readonly oid: string; readonly isCritical: boolean; readonly value: Buffer }

/** @throws {SignatureError} */
export function certificateFields({ raw }: X509Certificate): CertificateFields {
  const [tbs] = partsOf(derValue(raw))
  const parts = partsOf(tbs)
  const at = parts[0]?.tag === contextTag(0) ? 1 : 0
  const [serial, , issuer, , subject, keyInfo] = parts.slice(at)
  const extensions = parts.find((it) => it.tag === contextTag(3))
  return {
    serial: required(serial, tag.integer).raw,
    issuer: required(issuer).raw,
    subject: required(subject).raw,
    publicKey: bitsOf(partsOf(keyInfo)[1]),
    extensions: extensions ? extensionsIn(derValue(extensions.content)) : [],
  }
}

/** @param list a sequence of extensions */
export function extensionsIn(list: DerValue): readonly Extension[] {
  return partsOf(list).map((it) => {
    const parts = partsOf(it)
    return {
      oid: oidText(parts[0]),
      isCritical: parts[1]?.tag === tag.boolean && parts[1].content[0] !== 0,
      value: required(parts.at(-1), tag.octetString).content,
    }
  })
}

/** Addresses over HTTP of lists of revoked certificates that one says it may be on. */
export function revocationListUrls({ extensions }: CertificateFields): readonly string[] {
  const extension = extensions.find(({ oid }) => oid === oids.revocationLists)
  if (!extension) return []
  // DistributionPoint, DistributionPointName, fullName, uniformResourceIdentifier
  return partsOf(derValue(extension.value))
    .flatMap((point) => partsOf(point))
    .filter((it) => it.tag === contextTag(0))
    .flatMap((it) => partsOf(it, contextTag(0)))
    .filter((it) => it.tag === contextTag(0))
    .flatMap((it) => partsOf(it, contextTag(0)))
    .filter((it) => it.tag === 0x86)
    .map(({ content }) => content.toString('latin1'))
}

/** Addresses of services that tell of a certificate whether it is revoked. */
export function statusServiceUrls({ infoAccess }: X509Certificate): readonly string[] {
  return (infoAccess ?? '').split('\n').flatMap((line) => /^OCSP - URI:(.*)$/.exec(line)?.[1] ?? [])
}
