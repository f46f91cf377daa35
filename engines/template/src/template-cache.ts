import { type ParsedSource, parseTemplates } from './template-set.ts'

/**
 * Compiled sources by name and text, so that a chart that is rendered again, or a text that `tpl` gets again, is not
 * parsed again. All sources of a cache know the same functions.
 */
export class TemplateCache {
  readonly #functions: { has(name: string): boolean }
  readonly #maxLength: number
  readonly #sources = new Map<string, ParsedSource>()
  #length = 0

  /** @param maxLength UTF-16 units of all sources together; the ones used longest ago go first */
  constructor(
    functions: { has(name: string): boolean },
    { maxLength = 16 * 1024 * 1024 }: { readonly maxLength?: number } = {},
  ) {
    this.#functions = functions
    this.#maxLength = maxLength
  }

  /** @throws {TemplateError} `TEMPLATE_PARSE`; failures are not kept */
  parse(name: string, text: string): ParsedSource {
    const key = `${name}\0${text}`
    const known = this.#sources.get(key)
    if (known) {
      this.#sources.delete(key)
      this.#sources.set(key, known)
      return known
    }
    const source = parseTemplates(name, text, this.#functions)
    this.#sources.set(key, source)
    this.#length += key.length
    this.#shrink()
    return source
  }

  #shrink(): void {
    for (const key of this.#sources.keys()) {
      if (this.#length <= this.#maxLength) return
      this.#sources.delete(key)
      this.#length -= key.length
    }
  }
}
