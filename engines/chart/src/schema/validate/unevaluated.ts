import type { GoValue } from '@sluice/go'
import type { CompiledSchema } from '../document/compiled.ts'

/** Members and items of a value that no keyword has looked at yet; empty where nobody asks. */
export class Unevaluated {
  readonly names: Set<string>
  readonly indexes: Set<number>

  constructor(names: Iterable<string>, indexes: Iterable<number>) {
    this.names = new Set(names)
    this.indexes = new Set(indexes)
  }

  get isEmpty(): boolean {
    return this.names.size === 0 && this.indexes.size === 0
  }

  /** Takes over what another schema has evaluated of the same value. */
  merge(other: Unevaluated): void {
    for (const name of this.names) if (!other.names.has(name)) this.names.delete(name)
    for (const index of this.indexes) if (!other.indexes.has(index)) this.indexes.delete(index)
  }
}

// Things are only ever taken out of it, so all that begin empty are one.
const nothing = new Unevaluated([], [])

/**
 * What is unevaluated of a value before a schema is applied to it.
 *
 * @param isAsked whether a schema around this one, for the same value, asks for it
 */
export function unevaluatedOf(value: GoValue, { keywords }: CompiledSchema, isAsked: boolean): Unevaluated {
  const { object, array } = keywords
  if (value instanceof Map) {
    const isWanted = isAsked || object?.unevaluatedProperties
    return isWanted && object?.additionalProperties === undefined
      ? new Unevaluated(value.keys(), [])
      : nothing
  }
  if (!Array.isArray(value) || array?.rest !== undefined || !(isAsked || array?.unevaluatedItems)) {
    return nothing
  }
  return new Unevaluated([], [...value.keys()].slice(array?.leading?.length ?? 0))
}
