import { createHash } from 'node:crypto'
import { ignorePatternsFilter } from '@sluice/artifact'
import { type BucketClient, BucketError } from '@sluice/bucket'
import { compareUtf8, ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, messages, reasons, sourceReasons } from '@sluice/toolkit'
import type { BucketStep, BucketWork } from './bucket-work.ts'

const { fetchFailed, artifactOutdated } = conditionTypes
/** The ignore file at the root of a bucket. */
export const ignoreFileName = '.sourceignore'

const maxObjects = 500_000
const maxTotalBytes = 1024 ** 3
const maxIgnoreBytes = 1024 * 1024
/** Objects that are fetched at the same time. Source: fluxcd/source-controller. */
const concurrency = 100

/** Lists the bucket and, when it is not what is stored, fetches its objects. */
export const fetchObjects: BucketStep = async (work) => {
  const { run } = work
  const { bucketName } = run.object.spec
  work.index = await indexObjects(work)
  work.revision = revisionOf(work.index)
  // What else is ignored shows in the revision, which is made of what is not.
  if (run.status.artifact?.revision !== work.revision) {
    const index = new Map(work.index)
    work.contents = await explain(`fetch from bucket '${bucketName}' failed`, () => download(work, index))
    // What changed or went away while it was fetched counts as it is now.
    work.index = index
    work.revision = revisionOf(index)
    await observeRevision(work)
  }
  run.conditions.remove(fetchFailed)
  return undefined
}

async function observeRevision({ run, revision }: BucketWork): Promise<void> {
  if (run.status.artifact?.revision === revision) return
  const message = `new upstream revision '${revision}'`
  if (run.status.artifact) run.conditions.markTrue(artifactOutdated, sourceReasons.newRevision, message)
  run.conditions.progress(reasons.progressing, `${messages.buildingArtifact}: ${message}`, { drift: true })
  await run.saveStatus()
}

async function indexObjects(work: BucketWork): Promise<ReadonlyMap<string, string>> {
  const { spec } = work.run.object
  const client = clientOf(work)
  const { bucketName, prefix = '' } = spec
  const exists = await explain(`failed to confirm existence of '${bucketName}' bucket`, () => client.exists())
  if (!exists) throw failure(`bucket '${bucketName}' not found`)
  work.ignoreFile = await explain(`failed to get Etag for '${ignoreFileName}' object`, () =>
    readIgnoreFile(client),
  )
  const ignore = new TextDecoder().decode(work.ignoreFile)
  const isIgnored = ignorePatternsFilter(`${ignore}\n${spec.ignore ?? ''}`)
  return explain(`indexation of objects from bucket '${bucketName}' failed`, async () => {
    const index = new Map<string, string>()
    for await (const { key, etag } of client.list(prefix)) {
      if (key.endsWith('/') || key === ignoreFileName || isIgnored(key, false)) continue
      index.set(key, etag)
      if (index.size > maxObjects) {
        throw new BucketError('BUCKET_TOO_LARGE', `more than ${maxObjects} objects`)
      }
    }
    return index
  })
}

async function readIgnoreFile(client: BucketClient): Promise<Uint8Array | undefined> {
  try {
    return (await client.get(ignoreFileName, { maxBytes: maxIgnoreBytes })).content
  } catch (error) {
    if (error instanceof BucketError && error.code === 'OBJECT_NOT_FOUND') return undefined
    throw error
  }
}

/** Fetches what `index` names, and corrects it by what is found. */
async function download(
  work: BucketWork,
  index: Map<string, string>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const client = clientOf(work)
  const contents = new Map<string, Uint8Array>()
  const waiting = [...index.keys()]
  let totalBytes = 0
  const next = async (): Promise<void> => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      const found = await getIfThere(client, key)
      if (!found) {
        index.delete(key)
        continue
      }
      totalBytes += found.content.length
      if (totalBytes > maxTotalBytes) {
        throw new BucketError('BUCKET_TOO_LARGE', `objects exceed ${maxTotalBytes} bytes`)
      }
      contents.set(key, found.content)
      index.set(key, found.etag)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, waiting.length) }, next))
  return contents
}

async function getIfThere(
  client: BucketClient,
  key: string,
): Promise<{ readonly content: Uint8Array; readonly etag: string } | undefined> {
  try {
    return await client.get(key, { maxBytes: maxTotalBytes })
  } catch (cause) {
    if (cause instanceof BucketError && cause.code === 'OBJECT_NOT_FOUND') return undefined
    throw cause instanceof ToolkitError
      ? new BucketError('BUCKET_REFUSED', `failed to get '${key}' object`, { cause })
      : cause
  }
}

/** Source: fluxcd/source-controller internal/index. */
function revisionOf(index: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  const keys = [...index.keys()].toSorted(compareUtf8)
  for (const key of keys) hash.update(`${key} ${index.get(key) ?? ''}\n`)
  return `sha256:${hash.digest('hex')}`
}

function clientOf({ client }: BucketWork): BucketClient {
  if (!client) throw new TypeError('the bucket is configured before it is used')
  return client
}

async function explain<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw failure(message, cause)
  }
}

function failure(message: string, cause?: unknown): ReconcileFailure {
  const options = { condition: fetchFailed, ...(cause === undefined ? {} : { cause }) }
  return new ReconcileFailure(sourceReasons.bucketOperationFailed, message, options)
}
