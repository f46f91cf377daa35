import {
  type Effect,
  type RecordKind,
  type Release,
  type Rendered,
  recordName,
  recordOf,
  releaseOfRecord,
  type UpdateResult,
} from '@sluice/chart'
import { hostCompression as compression } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'

/** Calls that fail in a step, by their names; `<call>Of` restricts it to a resource. */
export type Failures = Readonly<Record<string, string>>

const kind: RecordKind = 'Secret'

/** The stand-in that the recordings were made with: it keeps objects and records, and nothing waits. */
export class FakeCluster {
  readonly objects: Map<string, KubeObject> = new Map()
  readonly records: Map<string, KubeObject> = new Map()
  readonly calls: string[] = []
  failures: Failures = {}
  /** Renders as the step at hand says. */
  render: (effect: Extract<Effect, { kind: 'render' }>) => Rendered = () => {
    throw new TypeError('nothing is rendered in this step')
  }

  /** Does what an action asks. @throws what the step says */
  answer(effect: Effect): unknown {
    switch (effect.kind) {
      case 'history':
        return this.history(effect.name)
      case 'record':
        return this.record(effect.release, effect.as)
      case 'remove':
        return this.records.delete(recordName(effect.name, effect.revision))
      case 'render':
        return this.render(effect)
      case 'find':
        return effect.objects.map((it) => this.objects.get(keyOf(it)))
      case 'resolve':
      case 'showLogs':
        return undefined
      case 'create':
        this.#call('create', effect.objects)
        return this.#store(effect.objects)
      case 'update':
        return this.#update(effect.from, effect.to)
      case 'delete':
        this.#call('delete', effect.objects, ' Background')
        for (const object of effect.objects) this.objects.delete(keyOf(object))
        return undefined
      case 'wait':
        return this.#call(effect.jobs ? 'waitWithJobs' : 'wait', effect.objects)
      case 'waitForDelete':
      case 'watchUntilReady':
        return this.#call(effect.kind, effect.objects)
    }
  }

  /** The revisions of a release, the oldest first. */
  history(name: string): Release[] {
    return [...this.records.values()]
      .map((it) => releaseOfRecord(it, { compression }))
      .filter((it) => it.name === name)
      .toSorted((a, b) => a.revision - b.revision)
  }

  record(release: Release, as: 'created' | 'modified'): void {
    const options = { compression, kind, written: { as, atSeconds: 0 } } as const
    this.records.set(recordName(release.name, release.revision), recordOf(release, options))
  }

  #store(objects: readonly KubeObject[]): void {
    for (const object of objects) this.objects.set(keyOf(object), object)
  }

  #update(from: readonly KubeObject[], to: readonly KubeObject[]): UpdateResult {
    const created = to.filter((it) => !this.objects.has(keyOf(it)))
    const updated = to.filter((it) => this.objects.has(keyOf(it)))
    const wanted = new Set(to.map(keyOf))
    const deleted = from.filter((it) => !wanted.has(keyOf(it)))
    const done = `created ${listed(created)}, updated ${listed(updated)}, deleted ${listed(deleted)}`
    this.calls.push(`update from ${listed(from)} to ${listed(to)}: ${done}`)
    const failure = this.#failureOf('update', to)
    if (failure) return { created, failure }
    this.#store(to)
    for (const object of deleted) this.objects.delete(keyOf(object))
    return { created, failure: undefined }
  }

  #call(name: string, objects: readonly KubeObject[], ending = ''): void {
    this.calls.push(`${name} ${listed(objects)}${ending}`)
    const failure = this.#failureOf(name, objects)
    if (failure) throw failure
  }

  #failureOf(name: string, objects: readonly KubeObject[]): Error | undefined {
    const text = this.failures[name]
    const only = this.failures[`${name}Of`]
    if (text === undefined) return undefined
    return only === undefined || listed(objects).includes(only) ? new Error(text) : undefined
  }
}

/** `Kind/name`, as the recordings name objects. */
export function keyOf({ kind: objectKind, metadata }: KubeObject): string {
  return `${objectKind}/${metadata.name}`
}

function listed(objects: readonly KubeObject[]): string {
  return `[${objects.map(keyOf).join(' ')}]`
}
