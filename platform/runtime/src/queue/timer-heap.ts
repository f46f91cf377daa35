/** A binary heap of keys by time, in which a key occurs at most once. */
export class TimerHeap {
  readonly #items: { readonly key: string; readonly due: number }[] = []
  readonly #dueByKey = new Map<string, number>()

  /** How many keys are waiting. */
  get size(): number {
    return this.#dueByKey.size
  }

  /** Sets when `key` is due, unless it is due earlier already. */
  set(key: string, due: number): void {
    const known = this.#dueByKey.get(key)
    if (known !== undefined && known <= due) return
    this.#dueByKey.set(key, due)
    this.#items.push({ key, due })
    this.#up(this.#items.length - 1)
  }

  delete(key: string): void {
    // The heap's item stays and is passed over when it surfaces.
    this.#dueByKey.delete(key)
  }

  /** When the first key is due, or `undefined` when none is waiting. */
  nextDue(): number | undefined {
    this.#dropStale()
    return this.#items[0]?.due
  }

  /** Takes out the keys that are due at `now`. */
  takeDue(now: number): readonly string[] {
    const keys: string[] = []
    for (let due = this.nextDue(); due !== undefined && due <= now; due = this.nextDue()) {
      const item = this.#pop()
      if (!item) break
      this.#dueByKey.delete(item.key)
      keys.push(item.key)
    }
    return keys
  }

  #dropStale(): void {
    for (
      let [first] = this.#items;
      first && this.#dueByKey.get(first.key) !== first.due;
      [first] = this.#items
    ) {
      this.#pop()
    }
  }

  #pop(): { readonly key: string; readonly due: number } | undefined {
    const [first] = this.#items
    const last = this.#items.pop()
    if (first && last && first !== last) {
      this.#items[0] = last
      this.#down(0)
    }
    return first
  }

  #up(start: number): void {
    let at = start
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#dueAt(parent) <= this.#dueAt(at)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #down(start: number): void {
    let at = start
    for (;;) {
      const left = 2 * at + 1
      const smaller = this.#dueAt(left + 1) < this.#dueAt(left) ? left + 1 : left
      if (this.#dueAt(at) <= this.#dueAt(smaller)) return
      this.#swap(at, smaller)
      at = smaller
    }
  }

  #dueAt(index: number): number {
    return this.#items[index]?.due ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const [itemA, itemB] = [this.#items[a], this.#items[b]]
    if (!itemA || !itemB) return
    this.#items[a] = itemB
    this.#items[b] = itemA
  }
}
