import type { KubeObject } from '@sluice/ports'

/** Objects of one resource by key, with the keys in order (by UTF-16 code units, which for API names is bytes). */
export class SortedBucket {
  readonly #objects = new Map<string, KubeObject>()
  readonly #keys: string[] = []

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key)
  }

  set(key: string, object: KubeObject): void {
    if (!this.#objects.has(key)) {
      // Appending in order is the common case of a restart and needs no search.
      const last = this.#keys.at(-1)
      if (last === undefined || last < key) this.#keys.push(key)
      else this.#keys.splice(this.#firstAtLeast(key), 0, key)
    }
    this.#objects.set(key, object)
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.splice(this.#firstAtLeast(key), 1)
  }

  /** Where the keys that start with `prefix` begin and end; `after` cuts off all up to that key. */
  range(prefix: string, after?: string): { readonly start: number; readonly end: number } {
    const end = this.#firstAtLeast(`${prefix}\uffff`)
    if (after === undefined) return { start: this.#firstAtLeast(prefix), end }
    return { start: Math.max(this.#firstAtLeast(prefix), this.#firstAtLeast(`${after}\0`)), end }
  }

  slice(start: number, end: number): KubeObject[] {
    const result: KubeObject[] = []
    for (let index = start; index < end; index += 1) {
      const object = this.#objects.get(this.#keys[index] ?? '')
      if (object) result.push(object)
    }
    return result
  }

  /** Keys and objects between two positions of {@link range}. */
  entries(start: number, end: number): [string, KubeObject][] {
    const result: [string, KubeObject][] = []
    for (let index = start; index < end; index += 1) {
      const key = this.#keys[index] ?? ''
      const object = this.#objects.get(key)
      if (object) result.push([key, object])
    }
    return result
  }

  #firstAtLeast(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#keys[middle] ?? '') < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
