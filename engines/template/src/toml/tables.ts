import { GoSlice, type GoValue } from '@sluice/go'
import { keyText } from './key-text.ts'

export type Key = readonly string[]
type Table = Map<string, GoValue>

/** A key that cannot be where it stands; the reader adds where that is. */
export class KeyConflict extends Error {
  override readonly name = 'KeyConflict'
}

/**
 * The tables of a document as they come to be: which keys are there, and which only because others lie below them.
 *
 * Source: behaviour of github.com/BurntSushi/toml 1.6.0, parse.go
 */
export class Tables {
  readonly root: Table = new Map()
  readonly #implicit = new Set<string>()
  readonly #arrays = new Map<string, Table[]>()
  /** The table that keys are set in. */
  context: Key = []
  /** The key whose value is read. */
  currentKey = ''
  /** The key of the table that these are in, for messages. */
  readonly #prefix: Key

  constructor(prefix: Key = []) {
    this.#prefix = prefix
  }

  /** What an error names: the current key with its tables. */
  get lastKey(): string {
    if (this.currentKey === '') return dotted(this.context)
    return this.context.length === 0 ? this.currentKey : `${dotted(this.context)}.${this.currentKey}`
  }

  /** `[key]` or `[[key]]` */
  open(key: Key, isArray: boolean): void {
    const parents = key.slice(0, -1)
    const last = key.at(-1) ?? ''
    const table = this.#descend(parents)
    this.context = parents
    if (isArray) this.#append(table, key)
    else this.set(last, new Map())
    this.context = key
  }

  /** Makes the tables of a dotted key, one below the other, and sets keys in the last of them. */
  enter(parents: Key): void {
    for (const part of parents) {
      const key = [...this.context, part]
      const table = this.#descend(this.context)
      if (table.has(part)) {
        this.#implicit.delete(pathOf(key))
      } else {
        table.set(part, new Map())
        this.#implicit.add(pathOf(key))
      }
      this.context = key
    }
  }

  /** Sets a key of the current table. */
  set(key: string, value: GoValue): void {
    const table = this.#descend(this.context, 'has already been defined')
    const full = [...this.context, key]
    if (!table.has(key)) {
      table.set(key, value)
    } else if (!this.#implicit.delete(pathOf(full))) {
      throw new KeyConflict(`Key '${this.#dotted(full)}' has already been defined.`)
    }
  }

  #append(table: Table, key: Key): void {
    const last = key.at(-1) ?? ''
    const path = pathOf(key)
    let items = this.#arrays.get(path)
    if (items === undefined || table.get(last) === undefined) {
      if (table.has(last)) {
        throw new KeyConflict(
          `Key '${this.#dotted(key)}' was already created and cannot be used as an array.`,
        )
      }
      items = []
      this.#arrays.set(path, items)
      table.set(last, new GoSlice('[]map[string]interface {}', items))
    }
    items.push(new Map())
    this.#forgetBelow(path)
  }

  #dotted(key: Key): string {
    return dotted([...this.#prefix, ...key])
  }

  /** What lay below the table before is not below the new one. */
  #forgetBelow(path: string): void {
    for (const known of this.#implicit) if (known.startsWith(`${path}\0`)) this.#implicit.delete(known)
  }

  #descend(key: Key, complaint = 'was already created as a hash'): Table {
    let table = this.root
    for (const [at, part] of key.entries()) {
      const path = key.slice(0, at + 1)
      if (!table.has(part)) {
        this.#implicit.add(pathOf(path))
        table.set(part, new Map())
      }
      const next = table.get(part)
      const inner = next instanceof GoSlice ? next.items.at(-1) : next
      if (!(inner instanceof Map) || (next instanceof GoSlice && !this.#arrays.has(pathOf(path)))) {
        throw new KeyConflict(`Key '${this.#dotted(path)}' ${complaint}.`)
      }
      table = inner
    }
    return table
  }
}

function dotted(key: Key): string {
  return key.map(keyText).join('.')
}

function pathOf(key: Key): string {
  return key.join('\0')
}
