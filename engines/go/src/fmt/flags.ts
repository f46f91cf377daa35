import { goRuneCount } from '../byte-string.ts'

/** The flags, width and precision of one verb. Mutable: one verb after another uses the same object. */
export type Flags = {
  plus: boolean
  minus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  /** `%+v`: names of struct fields. */
  plusV: boolean
  /** `%#v`: Go syntax. */
  sharpV: boolean
  width: number | undefined
  precision: number | undefined
}

export function noFlags(): Flags {
  return {
    plus: false,
    minus: false,
    sharp: false,
    space: false,
    zero: false,
    plusV: false,
    sharpV: false,
    width: undefined,
    precision: undefined,
  }
}

/** Fills `text` up to the width, on the side that the flags ask for. */
export function pad(text: string, flags: Flags): string {
  if (!flags.width) return text
  const missing = flags.width - goRuneCount(text)
  if (missing <= 0) return text
  return flags.minus ? text + padding(missing, flags) : padding(missing, flags) + text
}

/** As {@link pad}, with spaces even where zeros are asked for. */
export function padWithSpaces(text: string, flags: Flags): string {
  if (!flags.zero) return pad(text, flags)
  return pad(text, { ...flags, zero: false })
}

/** `count` characters of padding; zeros go only to the left. */
export function padding(count: number, flags: Flags): string {
  return count > 0 ? (flags.zero && !flags.minus ? '0' : ' ').repeat(count) : ''
}
