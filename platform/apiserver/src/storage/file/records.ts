import type { KubeObject } from '@sluice/ports'
import type { StorageEvent } from '../storage.ts'

/** A change as it is written: one line of JSON. */
type LogRecord = { readonly r: number; readonly k: string; readonly o?: KubeObject }

/** Changes as the payload of one frame. */
export function encodeChanges(events: readonly StorageEvent[]): string {
  return events
    .map(({ type, key, revision, object }) =>
      JSON.stringify(type === 'put' ? { r: revision, k: key, o: object } : { r: revision, k: key }),
    )
    .join('\n')
}

export type Change = {
  readonly revision: number
  readonly key: string
  readonly object: KubeObject | undefined
}

/** @throws {SyntaxError} when the payload is not what {@link encodeChanges} wrote */
export function decodeChanges(payload: Buffer): Change[] {
  return payload
    .toString('utf8')
    .split('\n')
    .map((line) => {
      const { r, k, o } = JSON.parse(line) as LogRecord
      return { revision: r, key: k, object: o }
    })
}

const objectsPerFrame = 500

/** Objects of a snapshot as payloads of frames, and a last one that says how many there were. */
export function* encodeSnapshot(objects: readonly (readonly [string, KubeObject])[]): Generator<string> {
  for (let at = 0; at < objects.length; at += objectsPerFrame) {
    const lines = objects.slice(at, at + objectsPerFrame).map(([k, o]) => JSON.stringify({ r: 0, k, o }))
    yield lines.join('\n')
  }
  yield JSON.stringify({ end: objects.length })
}

/** How many objects a snapshot says it has, when the payload is its last. */
export function snapshotEnd(payload: Buffer): number | undefined {
  if (payload.length > 64) return undefined
  const { end } = JSON.parse(payload.toString('utf8')) as { readonly end?: number }
  return end
}
