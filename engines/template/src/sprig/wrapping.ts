import { fromByteText, toByteText } from './byte-text.ts'

/** How lines are broken. `width` counts bytes; words that are longer are cut only when `cutsWords`. */
export type Wrapping = { readonly width: number; readonly separator: string; readonly cutsWords: boolean }

/** Breaks a text into lines. Source: Masterminds/goutils 1.1.1, WrapCustom. */
export function wrapText(text: string, { width, separator, cutsWords }: Wrapping): string {
  const bytes = toByteText(text)
  const limit = Math.max(width, 1)
  const end = toByteText(separator === '' ? '\n' : separator)
  const lines: string[] = []
  let at = 0
  while (bytes.length - at > limit) {
    if (bytes[at] === ' ') {
      at += 1
      continue
    }
    const space = bytes.lastIndexOf(' ', at + limit)
    if (space >= at) {
      lines.push(bytes.slice(at, space))
      at = space + 1
    } else if (cutsWords) {
      lines.push(bytes.slice(at, at + limit))
      at += limit
    } else {
      const next = bytes.indexOf(' ', at + limit)
      if (next < 0) break
      lines.push(bytes.slice(at, next))
      at = next + 1
    }
  }
  return fromByteText([...lines, bytes.slice(at)].join(end))
}

/** Cuts a text to `width` bytes, the dots included. Source: Sprig's abbrev. */
export function abbreviate(text: string, width: number): string {
  if (width < 4) return text
  const bytes = toByteText(text)
  return bytes.length <= width ? text : fromByteText(`${bytes.slice(0, width - 3)}...`)
}

/** Cuts a text on both sides so that byte `offset` is near its beginning. Source: Sprig's abbrevboth. */
export function abbreviateBoth(text: string, offset: number, width: number): string {
  if (width < 4 || (offset > 0 && width < 7)) return text
  const bytes = toByteText(text)
  if (bytes.length <= width) return text
  const kept = width - 3
  const from = Math.min(offset, bytes.length)
  const start = bytes.length - from < kept ? bytes.length - kept : from
  if (start <= 4) return fromByteText(`${bytes.slice(0, kept)}...`)
  if (width < 7) return ''
  if (start + kept >= bytes.length) return fromByteText(`...${bytes.slice(bytes.length - kept)}`)
  const middle = bytes.slice(start)
  const shown = middle.length <= kept ? middle : `${middle.slice(0, kept - 3)}...`
  return fromByteText(`...${shown}`)
}
