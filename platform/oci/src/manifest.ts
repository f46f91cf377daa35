import { OciError } from './oci-error.ts'
import { isOciDigest } from './reference.ts'

/** A reference to content. Source: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export type OciDescriptor = {
  readonly mediaType: string
  readonly digest: string
  /** Bytes. */
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly artifactType?: string
  readonly platform?: { readonly architecture?: string; readonly os?: string }
}

/** An image or artifact. */
export type OciManifest = {
  readonly mediaType: string
  readonly config: OciDescriptor
  readonly layers: readonly OciDescriptor[]
  readonly annotations: Readonly<Record<string, string>>
  readonly artifactType?: string
  readonly subject?: OciDescriptor
}

/** A list of manifests. */
export type OciIndex = { readonly mediaType: string; readonly manifests: readonly OciDescriptor[] }

export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  /** What `flux push artifact` makes. */
  fluxConfig: 'application/vnd.cncf.flux.config.v1+json',
  fluxContent: 'application/vnd.cncf.flux.content.v1.tar+gzip',
  helmConfig: 'application/vnd.cncf.helm.config.v1+json',
  helmChart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  helmProvenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
} as const

const maxDescriptors = 10_000

/** @throws {OciError} when it is neither a manifest nor an index. */
export function parseManifest(
  bytes: Uint8Array,
):
  | { readonly kind: 'manifest'; readonly manifest: OciManifest }
  | { readonly kind: 'index'; readonly index: OciIndex } {
  const document = parseJson(bytes)
  const mediaType = textOf(document['mediaType']) ?? ''
  if (Array.isArray(document['manifests'])) {
    return { kind: 'index', index: { mediaType, manifests: descriptors(document['manifests']) } }
  }
  if (!Array.isArray(document['layers'])) throw invalid('it has neither layers nor manifests')
  const artifactType = textOf(document['artifactType'])
  return {
    kind: 'manifest',
    manifest: {
      mediaType,
      config: descriptor(document['config']),
      layers: descriptors(document['layers']),
      annotations: annotationsOf(document['annotations']),
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(document['subject'] === undefined ? {} : { subject: descriptor(document['subject']) }),
    },
  }
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new OciError('OCI_INVALID', 'invalid manifest: it is not JSON', { cause })
  }
  if (typeof parsed !== 'object' || parsed === null) throw invalid('it is not an object')
  return parsed as Readonly<Record<string, unknown>>
}

function descriptors(values: readonly unknown[]): readonly OciDescriptor[] {
  if (values.length > maxDescriptors) throw invalid(`it has more than ${maxDescriptors} parts`)
  return values.map(descriptor)
}

function descriptor(value: unknown): OciDescriptor {
  const { mediaType, digest, size, annotations, artifactType, platform } = (value ?? {}) as Record<
    string,
    unknown
  >
  const isValid =
    typeof digest === 'string' && isOciDigest(digest) && Number.isSafeInteger(size) && Number(size) >= 0
  if (!isValid) throw invalid('a descriptor is malformed')
  return {
    mediaType: textOf(mediaType) ?? '',
    digest,
    size: Number(size),
    ...(annotations === undefined ? {} : { annotations: annotationsOf(annotations) }),
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(typeof platform === 'object' && platform !== null ? { platform } : {}),
  }
}

function annotationsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function invalid(why: string): OciError {
  return new OciError('OCI_INVALID', `invalid manifest: ${why}`)
}
