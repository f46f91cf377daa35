/** Finds entries by values computed from their objects. */
export interface ObjectIndex<T> {
  update(entry: Entry<T>): void
  remove(entry: Entry<T>): void
  find(value: string): readonly T[]
}

/** A place in a cache that keeps its identity while the object in it is replaced. */
export type Entry<T> = { object: T }

const none: readonly string[] = []

export function objectIndex<T>(valuesOf: (object: T) => readonly string[]): ObjectIndex<T> {
  const buckets = new Map<string, Set<Entry<T>>>()
  const valuesByEntry = new Map<Entry<T>, readonly string[]>()

  return {
    update: (entry) => {
      const values = valuesOf(entry.object)
      const before = valuesByEntry.get(entry) ?? none
      if (sameValues(before, values)) return
      drop(entry, before)
      for (const value of values) {
        const bucket = buckets.get(value)
        if (bucket) {
          bucket.add(entry)
        } else {
          buckets.set(value, new Set([entry]))
        }
      }
      valuesByEntry.set(entry, values)
    },
    remove: (entry) => {
      drop(entry, valuesByEntry.get(entry) ?? none)
      valuesByEntry.delete(entry)
    },
    find: (value) => Array.from(buckets.get(value) ?? [], (entry) => entry.object),
  }

  function drop(entry: Entry<T>, values: readonly string[]): void {
    for (const value of values) {
      const bucket = buckets.get(value)
      bucket?.delete(entry)
      if (bucket?.size === 0) buckets.delete(value)
    }
  }
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
