import { type ParsedSource, parseTemplates } from './template-set.ts'

/** The sources of one text by their names. */
type Entry = { readonly sources: Map<string, ParsedSource>; length: number }

/**
 * Compiled sources by name and text, so that a chart that is rendered again, or a text that `tpl` gets again, is not
 * parsed again. All sources of a cache know the same functions.
 */
export class TemplateCache {
  readonly #functions: { has(name: string): boolean }
  readonly #maxLength: number
  /** By text and then by name: the same text object comes again and again, and its hash is computed once. */
  readonly #texts = new Map<string, Entry>()
  #length = 0

  /** @param maxLength UTF-16 units of all sources and their names together; the ones used longest ago go first */
  constructor(
    functions: { has(name: string): boolean },
    { maxLength = 16 * 1024 * 1024 }: { readonly maxLength?: number } = {},
  ) {
    this.#functions = functions
    this.#maxLength = maxLength
  }

  /** @throws {TemplateError} `TEMPLATE_PARSE`; failures are not kept */
  parse(name: string, text: string): ParsedSource {
    const entry = this.#texts.get(text) ?? { sources: new Map<string, ParsedSource>(), length: 0 }
    const known = entry.sources.get(name)
    const source = known ?? parseTemplates(name, text, this.#functions)
    if (!known) {
      const length = name.length + text.length
      entry.sources.set(name, source)
      entry.length += length
      this.#length += length
    }
    this.#texts.delete(text)
    this.#texts.set(text, entry)
    this.#shrink()
    return source
  }

  #shrink(): void {
    for (const [text, { length }] of this.#texts) {
      if (this.#length <= this.#maxLength) return
      this.#texts.delete(text)
      this.#length -= length
    }
  }
}
