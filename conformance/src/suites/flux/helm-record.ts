import { gunzipSync, gzipSync } from 'node:zlib'
import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import type { JsonValue, KubeObject } from '@sluice/ports'
import type { RecordEdit } from './steps.ts'

export const releaseRecordType = 'helm.sh/release.v1'

const secrets: Resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }

type RecordSecret = KubeObject & { readonly data?: { readonly release?: string } }
type Json = { readonly [key: string]: JsonValue | undefined }
type File = { readonly name: string; readonly data: string }
type RawRelease = Json & {
  readonly manifest?: string
  readonly hooks?: readonly { readonly [key: string]: JsonValue; readonly manifest: string }[]
  readonly info: Json
  readonly chart: Json & { readonly templates: readonly File[]; readonly files: readonly File[] }
}

/**
 * The release in a Secret of Helm's, with its contents of files as `want` has them: some recordings have their lengths in the
 * Secret, others those that they really have.
 */
export function recordedRelease(secret: KubeObject, want: JsonValue): JsonValue {
  const release = rawRelease(secret)
  const { chart } = release
  const known = JSON.stringify(want)
  const lengthOf = (data: string): number => {
    const decoded = Buffer.from(data, 'base64').length
    return known.includes(`<${decoded} bytes>`) ? decoded : data.length
  }
  return {
    ...release,
    ...(isOfHelmItself(secret) && likeRecorded(release, want as ManifestsOf)),
    chart: {
      ...untimed(chart),
      templates: (chart.templates ?? []).map(({ name, data }) => ({
        name,
        data: `<${lengthOf(data)} bytes>`,
      })),
      files: (chart.files ?? []).map(({ name }) => ({ name })),
    },
  }
}

/** Whether the helm program made the record, rather than a controller. */
function isOfHelmItself({ metadata }: KubeObject): boolean {
  return (metadata.managedFields ?? []).some(({ manager }) => manager === 'Helm')
}

type ManifestsOf = {
  readonly manifest?: string | undefined
  readonly hooks?: readonly { readonly manifest?: string }[]
}

/** The helm that is at hand is older than the recorded one, and leaves less blank lines at the ends of documents. */
function likeRecorded({ manifest, hooks }: ManifestsOf, want: ManifestsOf): ManifestsOf {
  return {
    ...asRecorded({ manifest }, want),
    ...(hooks && {
      hooks: hooks.map((hook, at) => ({ ...hook, ...asRecorded(hook, want.hooks?.[at] ?? {}) })),
    }),
  }
}

function asRecorded({ manifest = '' }: ManifestsOf, want: ManifestsOf): { readonly manifest: string } {
  const { manifest: wanted = '' } = want
  return { manifest: tight(manifest) === tight(wanted) ? wanted : manifest }
}

function tight(manifest: string): string {
  return manifest.replace(/\n+(?=---\n)/g, '\n').replace(/\n+$/, '')
}

/** A recorded release without the times of its chart's files, which the trees that ours comes from have not. */
export function untimedRelease(release: Json & { readonly chart: Json }): JsonValue {
  return { ...release, chart: untimed(release.chart) }
}

function untimed({ modtime: _modtime, schemamodtime: _schemaTime, ...chart }: Json): Json {
  return chart
}

/** The Secret with what is compared by itself left out. */
export function withoutRelease({ data: _data, metadata, ...secret }: RecordSecret): KubeObject {
  const { managedFields: _managedFields, labels = {}, ...others } = metadata
  const times = Object.keys(labels).filter((key) => key === 'modifiedAt' || key === 'createdAt')
  const steady = { ...labels, ...Object.fromEntries(times.map((key) => [key, '<unix>'])) }
  return { ...secret, metadata: { ...others, labels: steady } }
}

/** Changes a record as somebody did while the recording was made. */
export async function editReleaseRecord(
  { name, copyOf, status, description }: RecordEdit,
  {
    cluster,
    namespace,
    signal,
  }: { readonly cluster: Cluster; readonly namespace: string; readonly signal: AbortSignal },
): Promise<void> {
  const source = { namespace, name: copyOf?.name ?? name }
  const secret = await untilThere(() => cluster.get<RecordSecret>(secrets, source, { signal }))
  const release = rawRelease(secret)
  const edited = {
    ...release,
    info: { ...release.info, status, ...(description !== undefined && { description }) },
    ...(copyOf && { version: copyOf.revision }),
  }
  const { labels, ...metadata } = secret.metadata
  const version = copyOf ? { version: String(copyOf.revision) } : {}
  const changed = {
    ...secret,
    metadata: { ...(copyOf ? { namespace, name } : metadata), labels: { ...labels, status, ...version } },
    data: { release: Buffer.from(packed(edited), 'utf8').toString('base64') },
  }
  // Both were done with kubectl.
  if (copyOf) await cluster.create(secrets, changed, { signal, fieldManager: 'kubectl-create' })
  else await cluster.update(secrets, changed, { signal, fieldManager: 'kubectl-replace' })
}

/** The release may still be being made. */
async function untilThere<T>(find: () => Promise<T>): Promise<T> {
  const pauseMs = 200
  for (let left = 150; ; left -= 1) {
    try {
      return await find()
    } catch (error) {
      if (left === 0 || !isApiError(error, 'NotFound')) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

function rawRelease({ data }: RecordSecret): RawRelease {
  const record = Buffer.from(data?.release ?? '', 'base64').toString('utf8')
  return JSON.parse(gunzipSync(Buffer.from(record, 'base64')).toString('utf8'))
}

function packed(release: unknown): string {
  return gzipSync(JSON.stringify(release)).toString('base64')
}
