import { styleOf } from '../print/scalar-style.ts'
import { resolveType } from '../read/resolve.ts'
import type { CommentedScalar } from './commented-scalars.ts'

/** What a scalar of a text shall be. */
export type ScalarReplacement = {
  readonly scalar: Pick<CommentedScalar, 'start' | 'end' | 'style' | 'inFlow'>
  readonly value: string
}

/**
 * Puts strings in the place of scalars and leaves every other byte alone. A scalar keeps its quotes; a plain one gets
 * some when its new value would not be read as that string.
 *
 * @param replacements in any order, none twice
 */
export function replaceScalars(text: string, replacements: readonly ScalarReplacement[]): string {
  const pieces: string[] = []
  let copied = 0
  for (const { scalar, value } of replacements.toSorted((a, b) => a.scalar.start - b.scalar.start)) {
    pieces.push(text.slice(copied, scalar.start), scalarSource(value, scalar))
    copied = scalar.end
  }
  pieces.push(text.slice(copied))
  return pieces.join('')
}

/** The source of a string in the style of what it replaces. */
function scalarSource(value: string, { style, inFlow }: Pick<CommentedScalar, 'style' | 'inFlow'>): string {
  if (style === 'single' && isPlainLine(value)) return `'${value.replaceAll("'", "''")}'`
  const isSafe = style === 'plain' && styleOf(value, true) === 'plain' && resolveType(value) === 'str'
  return isSafe && !(inFlow && /^:|[,?[\]{}]/.test(value)) ? value : doubleQuoted(value)
}

function isPlainLine(value: string): boolean {
  return /^[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/.test(value)
}

/** JSON's strings are YAML's too, but for what JSON leaves unescaped. */
function doubleQuoted(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
