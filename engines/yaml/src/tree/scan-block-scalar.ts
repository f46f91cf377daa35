import { isBlank, isBreak, isBreakOrEnd, isDigit } from './cursor.ts'
import type { Scanner } from './scanner.ts'
import { Token } from './token.ts'

type Header = { readonly chomp: 'strip' | 'clip' | 'keep'; readonly increment: number }

/** Scans a literal (`|`) or folded (`>`) scalar. */
export function scanBlockScalar(scanner: Scanner, literal: boolean): Token {
  const { cursor, mark } = scanner
  cursor.skip()
  const { chomp, increment } = scanHeader(scanner, mark)
  const fixed = increment > 0 ? Math.max(scanner.indent, 0) + increment : 0
  const first = scanBreaks(scanner, fixed, mark.line)
  const { indent } = first
  let { breaks } = first
  let value = ''
  let lineBreak = ''
  let afterBlank = false
  while (cursor.column === indent && cursor.code() !== 0) {
    const blank = isBlank(cursor.code())
    const folds = !literal && !afterBlank && !blank && lineBreak === '\n'
    if (!folds) value += lineBreak
    else if (breaks === '') value += ' '
    value += breaks
    afterBlank = blank
    const from = cursor.pos
    while (!isBreakOrEnd(cursor.code())) cursor.pos += 1
    if (cursor.pos > from) cursor.newlines = 0
    value += cursor.text.slice(from, cursor.pos)
    lineBreak = cursor.code() === 0 ? '' : cursor.readBreak()
    breaks = scanBreaks(scanner, indent, mark.line).breaks
  }
  if (chomp !== 'strip') value += lineBreak
  if (chomp === 'keep') value += breaks
  return new Token('scalar', mark, { value, style: literal ? 'literal' : 'folded' })
}

function scanHeader(scanner: Scanner, mark: { readonly line: number; readonly pos: number }): Header {
  const { cursor } = scanner
  let chomp: Header['chomp'] = 'clip'
  let increment = 0
  // The two indicators come in either order.
  for (let seen = ''; ; ) {
    const code = cursor.code()
    if ((code === 43 || code === 45) && !seen.includes('c')) {
      chomp = code === 43 ? 'keep' : 'strip'
      seen += 'c'
    } else if (isDigit(code) && !seen.includes('i')) {
      if (code === 48) scanner.fail('found an indentation indicator equal to 0', mark.line + 1)
      increment = code - 48
      seen += 'i'
    } else {
      break
    }
    cursor.skip()
  }
  while (isBlank(cursor.code())) cursor.pos += 1
  if (cursor.code() === 35) scanner.comments.scanLineUnlessBroken(mark.pos)
  if (!isBreakOrEnd(cursor.code())) {
    scanner.fail('did not find expected comment or line break', mark.line + 1)
  }
  if (isBreak(cursor.code())) cursor.readBreak()
  return { chomp, increment }
}

/** Passes empty lines and indentation; finds the indentation when `fixed` is 0. */
function scanBreaks(scanner: Scanner, fixed: number, line: number): { indent: number; breaks: string } {
  const { cursor } = scanner
  let breaks = ''
  let widest = 0
  const limit = fixed === 0 ? Number.POSITIVE_INFINITY : fixed
  for (;;) {
    while (cursor.column < limit && cursor.code() === 32) cursor.pos += 1
    widest = Math.max(widest, cursor.column)
    const code = cursor.code()
    if (code === 9 && cursor.column < limit) {
      scanner.fail('found a tab character where an indentation space is expected', line + 1)
    }
    if (!isBreak(code)) break
    breaks += cursor.readBreak()
  }
  return { indent: fixed === 0 ? Math.max(widest, scanner.indent + 1, 1) : fixed, breaks }
}
