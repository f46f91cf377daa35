import { IndexCollector, type IndexSource } from './index-source.ts'

const quote = 34
const comma = 44
const colon = 58
const openList = 91
const backslash = 92
const closeList = 93
const openObject = 123
const closeObject = 125

/**
 * Takes an index in JSON apart. Values are skipped, not checked: each is when it is read.
 *
 * @returns `undefined` when the text is anything but what servers write: no JSON, keys that repeat, versions in no list
 */
export function splitJsonIndex(text: string): IndexSource | undefined {
  return new JsonIndexReader(text).read()
}

class JsonIndexReader {
  readonly #text: string
  readonly #collector = new IndexCollector()
  readonly #header: Record<string, unknown> = {}
  #at = 0
  #hasEntries = false

  constructor(text: string) {
    this.#text = text
  }

  read(): IndexSource | undefined {
    const isWhole = this.#members((name) => this.#topMember(name)) && this.#isAtEnd()
    return isWhole ? { header: this.#header, entries: this.#collector.entries } : undefined
  }

  #topMember(name: string): boolean {
    if (name === 'entries') {
      if (this.#hasEntries) return false
      this.#hasEntries = true
      return this.#members((chart) => this.#collector.addChart(chart) && this.#versions(chart))
    }
    // Go takes names in any case, which would be a second list of entries.
    if (name.toLowerCase() === 'entries' || name === '__proto__') return false
    if (Object.hasOwn(this.#header, name)) return false
    const from = this.#at
    if (!this.#skipValue()) return false
    const value = parsed(this.#text.slice(from, this.#at))
    this.#header[name] = value
    return value !== undefined
  }

  #versions(chart: string): boolean {
    const text = this.#text
    if (!this.#take(openList)) return false
    this.#skipBlanks()
    if (this.#take(closeList)) return true
    do {
      this.#skipBlanks()
      const from = this.#at
      if (!this.#skipValue()) return false
      const to = this.#at
      this.#collector.add(chart, () => JSON.parse(text.slice(from, to)) as unknown)
      this.#skipBlanks()
    } while (this.#take(comma))
    return this.#take(closeList)
  }

  /** Reads an object; `member` reads the value after each name. */
  #members(member: (name: string) => boolean): boolean {
    this.#skipBlanks()
    if (!this.#take(openObject)) return false
    this.#skipBlanks()
    if (this.#take(closeObject)) return true
    do {
      this.#skipBlanks()
      const from = this.#at
      if (this.#text.charCodeAt(from) !== quote || !this.#skipText()) return false
      const name = parsed(this.#text.slice(from, this.#at))
      this.#skipBlanks()
      if (typeof name !== 'string' || !this.#take(colon)) return false
      this.#skipBlanks()
      if (!member(name)) return false
      this.#skipBlanks()
    } while (this.#take(comma))
    return this.#take(closeObject)
  }

  /** Goes behind a value, whatever is in it. Returns whether it has an end. */
  #skipValue(): boolean {
    const text = this.#text
    let depth = 0
    for (;;) {
      const unit = text.charCodeAt(this.#at)
      if (unit === quote) {
        if (!this.#skipText()) return false
        if (depth === 0) return true
        continue
      }
      if (unit === openObject || unit === openList) depth += 1
      else if (unit === closeObject || unit === closeList) {
        depth -= 1
        if (depth < 0) return true
      } else if (depth === 0 && (unit === comma || unit <= 32)) return true
      else if (Number.isNaN(unit)) return false
      this.#at += 1
      if (depth === 0 && (unit === closeObject || unit === closeList)) return true
    }
  }

  /** Goes behind a text in quotes. */
  #skipText(): boolean {
    let end = this.#text.indexOf('"', this.#at + 1)
    while (end >= 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1)
    if (end < 0) return false
    this.#at = end + 1
    return true
  }

  #isEscaped(at: number): boolean {
    let first = at
    while (this.#text.charCodeAt(first - 1) === backslash) first -= 1
    return (at - first) % 2 === 1
  }

  #isAtEnd(): boolean {
    this.#skipBlanks()
    return this.#at === this.#text.length
  }

  #skipBlanks(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return
      this.#at += 1
    }
  }

  #take(unit: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== unit) return false
    this.#at += 1
    return true
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
