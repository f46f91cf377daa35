/** Which tokens count: names and other text, `${`, `}`, and escapes within text. */
export type ScanMode = {
  readonly text?: boolean
  readonly open?: boolean
  readonly close?: boolean
  readonly escapes?: boolean
}

/** Whether a character belongs to the text; `index` counts the bytes of the token with this character. */
export type Accept = (character: string, index: number) => boolean

export type Token =
  | { readonly kind: 'end' | 'open' | 'close' | 'illegal' }
  | { readonly kind: 'text'; readonly text: string }

const end = '\0'

/**
 * Cuts a text into what the grammar asks for next.
 *
 * `$$` stands for `$` where escapes count, and within a substitution `\/` and `\\` for what follows the backslash.
 */
export class Scanner {
  readonly #text: string
  #at = 0
  /** Whether backslashes escape: only within a substitution. */
  backslashes = false

  constructor(text: string) {
    this.#text = text
  }

  peek(): string {
    return this.#runeAt(this.#at)
  }

  /** The character after the next one. */
  peekSecond(): string {
    return this.#runeAt(this.#at + this.peek().length)
  }

  scan(mode: ScanMode, accept: Accept): Token {
    const first = this.peek()
    if (first === end) return { kind: 'end' }
    if (mode.open && this.#opensAt(this.#at)) {
      this.#at += 2
      return { kind: 'open' }
    }
    this.#at += first.length
    if (mode.close && first === '}') return { kind: 'close' }
    if (!mode.text) return { kind: 'illegal' }
    return this.#scanText(first, mode, accept)
  }

  #scanText(first: string, mode: ScanMode, accept: Accept): Token {
    let index = 1
    let text = ''
    // Plain runs are copied as a whole.
    let from = this.#at - first.length
    if (this.#escapesAt(from, mode)) {
      text = this.#runeAt(this.#at)
      this.#at += text.length
      from = this.#at
    } else if (!accept(first, index)) {
      return { kind: 'illegal' }
    }
    for (;;) {
      const rune = this.peek()
      index += 1
      if (rune === end || (mode.open && this.#opensAt(this.#at))) break
      if (this.#escapesAt(this.#at, mode)) {
        text += this.#text.slice(from, this.#at)
        from = this.#at + 1
        this.#at = from + this.#runeAt(from).length
      } else if (accept(rune, index)) {
        this.#at += rune.length
      } else {
        break
      }
    }
    return { kind: 'text', text: text + this.#text.slice(from, this.#at) }
  }

  #opensAt(at: number): boolean {
    return this.#text.charCodeAt(at) === 36 && this.#text.charCodeAt(at + 1) === 123
  }

  #escapesAt(at: number, mode: ScanMode): boolean {
    if (!mode.escapes) return false
    const rune = this.#text[at]
    const next = this.#text[at + 1]
    if (rune === '$') return next === '$'
    return this.backslashes && rune === '\\' && (next === '/' || next === '\\')
  }

  /** U+0000 ends a text, as the end does. */
  #runeAt(at: number): string {
    const code = this.#text.codePointAt(at)
    return code === undefined ? end : String.fromCodePoint(code)
  }
}
