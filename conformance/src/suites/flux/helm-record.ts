import { gunzipSync, gzipSync } from 'node:zlib'
import type { Cluster, Resource } from '@sluice/cluster'
import type { JsonValue, KubeObject } from '@sluice/ports'
import type { RecordEdit } from './steps.ts'

export const releaseRecordType = 'helm.sh/release.v1'

const secrets: Resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }

type RecordSecret = KubeObject & { readonly data?: { readonly release?: string } }
type Json = { readonly [key: string]: JsonValue | undefined }
type File = { readonly name: string; readonly data: string }
type RawRelease = Json & {
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
  const secret: RecordSecret = await cluster.get(secrets, source, { signal })
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

function rawRelease({ data }: RecordSecret): RawRelease {
  const record = Buffer.from(data?.release ?? '', 'base64').toString('utf8')
  return JSON.parse(gunzipSync(Buffer.from(record, 'base64')).toString('utf8'))
}

function packed(release: unknown): string {
  return gzipSync(JSON.stringify(release)).toString('base64')
}
