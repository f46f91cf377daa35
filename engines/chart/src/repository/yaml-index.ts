import { parseYaml, resolvePlain, YamlError } from '@sluice/yaml'
import { ChartError } from '../load/chart-error.ts'
import { IndexCollector, type IndexSource } from './index-source.ts'
import { readYamlItem } from './yaml-item.ts'

const chartLine = /^([A-Za-z0-9][A-Za-z0-9._-]*):(?: +(\[\]))? *$/

/**
 * Takes an index in YAML apart, as far as it has the form that programs write: the charts below `entries:`, each with a
 * list of versions in block style.
 *
 * @returns `undefined` when it has another form
 */
export function splitYamlIndex(text: string): IndexSource | undefined {
  return new YamlIndexReader(text).read()
}

type Line = { readonly start: number; readonly end: number; readonly indent: number }

class YamlIndexReader {
  readonly #text: string
  readonly #collector = new IndexCollector()
  #line: Line

  constructor(text: string) {
    this.#text = text
    this.#line = this.#lineAt(0)
  }

  read(): IndexSource | undefined {
    if (this.#content() === '---') this.#next()
    const before = this.#lines()
    const hasEntries = !this.#isAtEnd
    if (hasEntries) {
      this.#next()
      if (!this.#charts()) return undefined
    }
    const after = this.#lines()
    if (!this.#isAtEnd) return undefined
    // Each part must make sense alone, or a text in quotes would be taken for what it quotes.
    const parts = [before, after].map(tableOf)
    const header: Record<string, unknown> = {}
    for (const part of parts) {
      if (!part || Object.keys(part).some((key) => Object.hasOwn(header, key))) return undefined
      Object.assign(header, part)
    }
    return { header, entries: this.#collector.entries }
  }

  /** The lines up to `entries:` or the end, or up to where the form is another. */
  #lines(): string {
    const { start } = this.#line
    while (!this.#isAtEnd) {
      const content = this.#content()
      if (this.#line.indent === 0 && /^entries: *$/.test(content)) break
      // Further documents, and keys that may be the same in another form.
      if (this.#line.indent === 0 && /^(---|\.\.\.|["'?{[]|entries)/i.test(content)) return 'no: [table'
      this.#next()
    }
    return this.#text.slice(start, this.#line.start)
  }

  get #isAtEnd(): boolean {
    return this.#line.start >= this.#text.length
  }

  #content(): string {
    return this.#text.slice(this.#line.start + this.#line.indent, this.#line.end)
  }

  #isDash(): boolean {
    const at = this.#line.start + this.#line.indent
    return this.#text.charCodeAt(at) === 45 && this.#text.charCodeAt(at + 1) === 32
  }

  #lineAt(start: number): Line {
    const found = this.#text.indexOf('\n', start)
    const end = found < 0 ? this.#text.length : found
    let first = start
    while (this.#text.charCodeAt(first) === 32) first += 1
    return { start, end, indent: first - start }
  }

  #next(): void {
    this.#line = this.#lineAt(this.#line.end + 1)
  }

  #charts(): boolean {
    const { indent } = this.#line
    while (!this.#isAtEnd && this.#line.indent > 0) {
      const [, name, empty] = this.#line.indent === indent ? (chartLine.exec(this.#content()) ?? []) : []
      if (name === undefined || typeof resolvePlain(name) !== 'string') return false
      if (!this.#collector.addChart(name)) return false
      this.#next()
      if (empty === undefined && !this.#versions(name, indent)) return false
    }
    // What follows must be a key: a comment would hide that the charts go on.
    return this.#collector.entries.size > 0 && (this.#isAtEnd || /^[A-Za-z]/.test(this.#content()))
  }

  /** The list of a chart whose key is at `chartIndent`. */
  #versions(chart: string, chartIndent: number): boolean {
    const { indent } = this.#line
    if (this.#isAtEnd || indent < chartIndent || !this.#isDash()) return false
    while (!this.#isAtEnd && this.#line.indent === indent && this.#isDash()) {
      const from = this.#line.start
      const to = this.#endOfItem(indent)
      const text = this.#text
      this.#collector.add(chart, () => itemOf(text.slice(from, to), indent))
    }
    return this.#isAtEnd || this.#line.indent <= chartIndent
  }

  /** Goes behind an item whose dash is at `indent`. */
  #endOfItem(indent: number): number {
    do this.#next()
    while (!this.#isAtEnd && (this.#line.indent > indent || this.#line.start === this.#line.end))
    return Math.min(this.#line.start, this.#text.length)
  }
}

/** @throws {ChartError} {@link YamlError} when it is more, or less, than one item */
function itemOf(text: string, column: number): unknown {
  const quick = readYamlItem(text, column)
  if (quick !== undefined) return quick
  const list = parseYaml(text, { strict: true })
  if (!Array.isArray(list) || list.length !== 1) throw new ChartError('CHART_INDEX', 'not one item')
  return list[0]
}

/** The mapping that a text is; one without content is empty. */
function tableOf(text: string): object | undefined {
  try {
    const value = parseYaml(text, { strict: true })
    if (value === null) return {}
    return typeof value === 'object' && !Array.isArray(value) ? value : undefined
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
}
