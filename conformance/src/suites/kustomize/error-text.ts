import { Mismatch } from '../../suite.ts'
import { expectSameMeaning } from './error-meaning.ts'

/** Recorded errors that are worded otherwise here on purpose: of these only the meaning is compared. */
const worded: readonly RegExp[] = [
  // kustomize falls over; here what is wrong is named.
  /^panic: /,
  // kustomize repeats its argument as it was given; here it is the place in the tree.
  /^must build at directory: /,
  // Flags are read by the suite.
  /^(?:unknown flag|Flag --|illegal flag)/,
]

/**
 * Compares an error with the recorded one, word for word unless it differs on purpose.
 *
 * @throws {Mismatch} when it is another.
 */
export function expectSameError(got: string, recorded: string): void {
  const want = plain(recorded)
  if (worded.some((it) => it.test(want))) return expectSameMeaning(got, recorded)
  // Addresses are masked in the recordings.
  const masked = plain(got).replace(/\b0x[0-9a-f]+\b/g, '{{PTR}}')
  if (masked !== want) throw new Mismatch(`want the error ${want}\ngot ${masked}`)
}

/** Only the error itself: warnings come before it. */
function plain(message: string): string {
  return message
    .replace(/^# Warning:.*\n/gm, '')
    .replace(/^Error: /, '')
    .trimEnd()
}
