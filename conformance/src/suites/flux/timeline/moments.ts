import type { KubeObject } from '@sluice/ports'
import type { Timeline, Version } from './timeline.ts'

/** The versions that the objects of one record show, and those of the records before. */
export class Moments {
  readonly #timeline: Timeline
  readonly #since = new Map<string, number>()
  readonly #found = new Map<string, Version>()

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  /** Revision from which on an object's recorded state is looked for. */
  since(object: KubeObject): number {
    return this.#since.get(keyOf(object)) ?? 0
  }

  /** The version that the present record shows of an object, once it is found. */
  of(object: KubeObject): Version | undefined {
    return this.#found.get(keyOf(object))
  }

  /** The same, when the object has changed since. */
  leftBehind(object: KubeObject): Version | undefined {
    const moment = this.of(object)
    const last = this.#timeline.versionsOf(moment?.object ?? object).at(-1)
    return moment && last && last.revision > moment.revision ? moment : undefined
  }

  note(object: KubeObject, moment: Version): void {
    this.#found.set(keyOf(object), moment)
  }

  /** What comes next is a later record. */
  next(): void {
    for (const [key, { revision }] of this.#found) this.#since.set(key, revision)
    this.#found.clear()
  }
}

/** Events name their objects in whatever version, so the version is no part of it. */
function keyOf({ apiVersion, kind, metadata: { namespace = '', name = '' } }: KubeObject): string {
  return `${apiVersion.replace(/[^/]*$/, '')} ${kind} ${namespace}/${name}`
}
