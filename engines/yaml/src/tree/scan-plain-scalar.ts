import { isBlank, isBlankOrEnd, isBreak } from './cursor.ts'
import type { Scanner } from './scanner.ts'
import { Token } from './token.ts'

/** Scans a scalar without quotes, its lines folded. */
export function scanPlainScalar(scanner: Scanner): Token {
  const { cursor, mark } = scanner
  const { text } = cursor
  const indent = scanner.indent + 1
  let value = ''
  /** What stands between the words read and the next one. */
  let gap = ''
  let afterBreak = false
  for (;;) {
    if (cursor.pos === cursor.lineStart && isDocumentMarker(text, cursor.pos)) break
    if (cursor.code() === 35) break
    const end = endOfWord(text, cursor.pos, scanner.flowLevel > 0)
    if (end > cursor.pos) {
      value = value === '' ? text.slice(cursor.pos, end) : value + gap + text.slice(cursor.pos, end)
      cursor.pos = end
      cursor.newlines = 0
      gap = ''
      afterBreak = false
    }
    const code = cursor.code()
    if (!isBlank(code) && !isBreak(code)) break
    const space = scanGap(scanner, indent)
    gap = space.gap
    afterBreak = space.afterBreak
    if (scanner.flowLevel === 0 && cursor.column < indent) break
  }
  if (afterBreak) scanner.simpleKeyAllowed = true
  return new Token('scalar', mark, { value })
}

/** Passes blanks and breaks; a single break folds to a space. */
function scanGap(scanner: Scanner, indent: number): { gap: string; afterBreak: boolean } {
  const { cursor } = scanner
  const { line } = cursor
  const from = cursor.pos
  let firstBreak = ''
  let breaks = ''
  for (;;) {
    const code = cursor.code()
    if (isBreak(code)) {
      if (firstBreak === '') firstBreak = cursor.readBreak()
      else breaks += cursor.readBreak()
    } else if (isBlank(code)) {
      if (code === 9 && firstBreak !== '' && cursor.column < indent) {
        scanner.fail('found a tab character that violates indentation', line + 1)
      }
      cursor.pos += 1
    } else {
      break
    }
  }
  if (firstBreak === '') return { gap: cursor.text.slice(from, cursor.pos), afterBreak: false }
  if (firstBreak !== '\n') return { gap: firstBreak + breaks, afterBreak: true }
  return { gap: breaks === '' ? ' ' : breaks, afterBreak: true }
}

/** End of the run of characters that a plain scalar takes from `pos` on. */
function endOfWord(text: string, pos: number, inFlow: boolean): number {
  let end = pos
  for (;;) {
    const code = text.charCodeAt(end)
    if (code <= 32 ? isBlankOrEnd(code) : code >= 0x85 && isBreak(code)) return end
    if (code === 58 && isBlankOrEnd(text.charCodeAt(end + 1))) return end
    if (inFlow && isFlowIndicator(code)) return end
    end += 1
  }
}

/** One of `,?[]{}`. */
function isFlowIndicator(code: number): boolean {
  return code === 44 || code === 63 || code === 91 || code === 93 || code === 123 || code === 125
}

/** Whether `---` or `...` stands alone at `pos`. */
export function isDocumentMarker(text: string, pos: number): boolean {
  const code = text.charCodeAt(pos)
  return (
    (code === 45 || code === 46) &&
    text.charCodeAt(pos + 1) === code &&
    text.charCodeAt(pos + 2) === code &&
    isBlankOrEnd(text.charCodeAt(pos + 3))
  )
}
