/** Reads the text of a `--set` flag by code points. */
export type RuneReader = {
  /** The next code point, consumed; `undefined` at the end. */
  readonly next: () => string | undefined
  /** Puts the last one back. */
  readonly back: () => void
  /** Everything not yet read. */
  readonly rest: () => string
  readonly skip: (codePoints: number) => void
}

export function runeReader(text: string): RuneReader {
  const runes = Array.from(text)
  let at = 0
  return {
    next: () => {
      const rune = runes[at]
      if (rune !== undefined) at += 1
      return rune
    },
    back: () => {
      at -= 1
    },
    rest: () => runes.slice(at).join(''),
    skip: (codePoints) => {
      at += codePoints
    },
  }
}

/** What was read up to one of `stops`; `stop` is `undefined` at the end of the text. A backslash takes the next as is. */
export function readUntil(
  reader: RuneReader,
  stops: string,
  { escapes }: { readonly escapes: boolean },
): { readonly text: string; readonly stop: string | undefined } {
  let text = ''
  for (;;) {
    const rune = reader.next()
    if (rune === undefined || stops.includes(rune)) return { text, stop: rune }
    if (rune !== '\\' || !escapes) {
      text += rune
      continue
    }
    const escaped = reader.next()
    if (escaped === undefined) return { text, stop: undefined }
    text += escaped
  }
}
