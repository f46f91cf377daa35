import type { CelType } from '../types/cel-type.ts'

/** A declared name: a variable, or the name of a type. */
export type Declared = {
  readonly name: string
  readonly type: CelType
  /** Whether it belongs to the environment, not to a macro. */
  readonly isGlobal: boolean
}

/** The names that an expression can see, the nearest first. */
export class Scope {
  readonly #globals: ReadonlyMap<string, CelType>
  readonly #levels: Map<string, CelType>[] = []

  constructor(globals: ReadonlyMap<string, CelType>) {
    this.#globals = globals
  }

  enter(): void {
    this.#levels.push(new Map())
  }

  leave(): void {
    this.#levels.pop()
  }

  add(name: string, type: CelType): void {
    this.#levels.at(-1)?.set(name, type)
  }

  find(name: string): Declared | undefined {
    if (name.startsWith('.')) return this.#findGlobal(name.slice(1))
    return this.#findLocal(name) ?? this.#findGlobal(name)
  }

  /** Whether a macro's variable has this name. */
  isLocal(name: string): boolean {
    return this.#levels.some((level) => level.has(name))
  }

  #findLocal(name: string): Declared | undefined {
    for (let index = this.#levels.length - 1; index >= 0; index--) {
      const type = this.#levels[index]?.get(name)
      if (type) return { name, type, isGlobal: false }
    }
    return undefined
  }

  #findGlobal(name: string): Declared | undefined {
    const type = this.#globals.get(name)
    return type && { name, type, isGlobal: true }
  }
}
