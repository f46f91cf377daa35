// What YAML 1.1 calls a break, a blank and a word, on UTF-16 units. The unit 0 stands for the end of the text.

/** LF, CR, NEL, LS or PS. */
export function isBreak(unit: number): boolean {
  return unit === 10 || unit === 13 || unit === 0x85 || unit === 0x2028 || unit === 0x2029
}

/** Space or tab. */
export function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9
}

/** A break or the end of the text. */
export function isBreakOrEnd(unit: number): boolean {
  return unit === 0 || isBreak(unit)
}

/** A blank, a break or the end of the text. */
export function isBlankOrEnd(unit: number): boolean {
  return unit === 32 || unit === 10 || unit === 9 || isBreakOrEnd(unit)
}

/** A letter, a digit, `_` or `-`: what anchors and directive names are made of. */
export function isWord(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95 ||
    unit === 45
  )
}

/** The line break of a scalar: every kind of break but LS and PS becomes LF. */
export function normalizedBreak(unit: number): string {
  return unit === 0x2028 || unit === 0x2029 ? String.fromCharCode(unit) : '\n'
}

/** The units of some characters, none of them beyond U+FFFF. */
export function charSet(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (it) => it.charCodeAt(0)))
}
