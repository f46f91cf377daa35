/** Which slot a variable has, as compilation goes through a template in the order of its text. */
export class Scope {
  readonly #names: string[] = ['$']
  readonly #slots: number[] = [0]
  #size = 1

  /** How many slots the template needs. */
  get size(): number {
    return this.#size
  }

  /** Where the current block's variables begin, for {@link leave}. */
  mark(): number {
    return this.#names.length
  }

  leave(mark: number): void {
    this.#names.length = mark
    this.#slots.length = mark
  }

  declare(name: string): number {
    const slot = this.#size
    this.#size += 1
    this.#names.push(name)
    this.#slots.push(slot)
    return slot
  }

  /** The slot of the innermost variable of that name; none when it was declared in a branch that is over. */
  find(name: string): number | undefined {
    return this.#slots[this.#names.lastIndexOf(name)]
  }
}
