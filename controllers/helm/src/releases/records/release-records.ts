import { type Release, recordName, recordOf } from '@sluice/chart'
import { ApiError, isApiError } from '@sluice/cluster'
import { hostCompression as compression } from '@sluice/host'
import { type Clock, type KubeObject, ToolkitError } from '@sluice/ports'
import { fieldManagers } from '@sluice/toolkit'
import { type HeldRelease, type RecordPlace, type RecordReader, secrets } from './record-reader.ts'

/** Somebody else has written the record of a revision that an action is upon. */
export class RecordConflictError extends ToolkitError {
  override readonly name = 'RecordConflictError'

  constructor(record: string, options?: ErrorOptions) {
    super('RELEASE_RECORD_CONFLICT', `the record ${record} was changed by somebody else`, options)
  }
}

/** Records could not be read. The message is Helm's. */
export class RecordQueryError extends ToolkitError {
  override readonly name = 'RecordQueryError'

  constructor(cause: ApiError) {
    super('RELEASE_RECORD_QUERY', 'query: failed to query with labels', { cause })
  }
}

/** The records of one release, as one action reads and writes them. */
export interface ReleaseRecords {
  /** The oldest first. */
  history(signal: AbortSignal): Promise<readonly Release[]>
  /** @throws {RecordConflictError} {@link ApiError} */
  write(release: Release, as: 'created' | 'modified', signal: AbortSignal): Promise<void>
  remove(revision: number, signal: AbortSignal): Promise<void>
}

const fieldManager = fieldManagers.helmController

export function releaseRecords(
  place: RecordPlace,
  { reader, clock }: { readonly reader: RecordReader; readonly clock: Clock },
): ReleaseRecords {
  const { cluster, namespace } = place
  /** What the records were when they were last read or written here. */
  const last = new Map<string, KubeObject>()
  /** Records that were made here. */
  const made = new Set<string>()

  const written = (answer: KubeObject): void => {
    last.set(answer.metadata.name ?? '', answer)
    reader.noteWrite(place, answer)
  }

  const readAll = async (signal: AbortSignal): Promise<readonly HeldRelease[]> => {
    try {
      return await reader.read(place, signal)
    } catch (cause) {
      signal.throwIfAborted()
      if (!(cause instanceof ApiError)) throw cause
      throw new RecordQueryError(cause)
    }
  }

  return {
    history: async (signal) => {
      const held = await readAll(signal)
      for (const { object } of held) last.set(object.metadata.name ?? '', object)
      return held.map(({ release }) => release)
    },
    write: async (release, as, signal) => {
      const atSeconds = Math.floor(clock.now() / 1_000)
      const record = inNamespace(recordOf(release, { compression, written: { as, atSeconds } }), namespace)
      const write = { signal, fieldManager }
      if (as === 'created') {
        try {
          written(await cluster.create(secrets, record, write))
          made.add(record.metadata.name ?? '')
          return
        } catch (error) {
          if (!isApiError(error, 'AlreadyExists')) throw error
          throw new RecordConflictError(record.metadata.name ?? '', { cause: error })
        }
      }
      const name = record.metadata.name ?? ''
      const aged = (live: KubeObject | undefined): KubeObject =>
        made.has(name) ? record : withTimesOf(record, live)
      try {
        const before = last.get(name)
        written(await cluster.update(secrets, atVersion(aged(before), before), write))
      } catch (error) {
        if (!isApiError(error, 'Conflict')) throw error
        const live: KubeObject = await cluster.get(secrets, { namespace, name }, { signal })
        // Labels and the like are nobody's business here; another content is another action.
        const isOurs = contentOf(live) === contentOf(last.get(name))
        if (!isOurs) throw new RecordConflictError(name, { cause: error })
        written(await cluster.update(secrets, atVersion(aged(live), live), write))
      }
    },
    remove: async (revision, signal) => {
      const name = recordName(place.name, revision)
      try {
        await cluster.delete(secrets, { namespace, name }, { signal, propagationPolicy: 'Background' })
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
      }
      last.delete(name)
      reader.noteRemoval(place, name)
    },
  }
}

function inNamespace(record: KubeObject, namespace: string): KubeObject {
  return { ...record, metadata: { ...record.metadata, namespace } }
}

/** A record that was found keeps its times, as with Helm, which takes them for labels of the user's. */
function withTimesOf(record: KubeObject, before: KubeObject | undefined): KubeObject {
  const found = Object.entries(before?.metadata.labels ?? {}).filter(([label]) => timeLabels.has(label))
  const labels = { ...record.metadata.labels, ...Object.fromEntries(found) }
  return { ...record, metadata: { ...record.metadata, labels } }
}

const timeLabels: ReadonlySet<string> = new Set(['createdAt', 'modifiedAt'])

function atVersion(record: KubeObject, before: KubeObject | undefined): KubeObject {
  const resourceVersion = before?.metadata.resourceVersion
  if (resourceVersion === undefined) return record
  return { ...record, metadata: { ...record.metadata, resourceVersion } }
}

function contentOf(record: KubeObject | undefined): unknown {
  return (record?.['data'] as Readonly<Record<string, unknown>> | undefined)?.['release']
}
