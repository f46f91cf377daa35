/** One recorded case. `run` returns when our result equals the recorded one and throws {@link Mismatch} otherwise. */
export type Case = {
  /** Unique within its suite and stable: known failures are listed by it. */
  readonly name: string
  /** What the scoreboard counts it under. A case may count under several. */
  readonly features: readonly string[]
  readonly run: () => void | Promise<void>
}

/** A kind of recorded cases: how to read a folder of its format. */
export type Suite = {
  /**
   * @param folder absolute path of a folder in the format of `conformance/<suite>`
   * @param isWanted whether a case of this name will run: a hint for suites that work ahead
   */
  readonly load: (folder: string, isWanted: (name: string) => boolean) => AsyncIterable<Case> | Iterable<Case>
  /**
   * Whether cases play in real time on a machine of unknown speed. What surprises is played a second time then; one
   * case in a hundred may still fail, and any may pass, before CI breaks.
   */
  readonly realTime?: boolean
}

/** Our result is not the recorded one. The message is short enough to be one line of a listing. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
}

/** Fails unless the texts are equal, showing the first line that is not. */
export function expectText(got: string, want: string): void {
  if (got === want) return
  const gotLines = got.split('\n')
  const wantLines = want.split('\n')
  const line = wantLines.findIndex((text, index) => text !== gotLines[index])
  const at = line < 0 ? wantLines.length : line
  throw new Mismatch(
    `line ${at + 1}: want ${JSON.stringify(wantLines[at] ?? '<end>').slice(0, 300)}, got ${JSON.stringify(
      gotLines[at] ?? '<end>',
    ).slice(0, 300)}`,
  )
}
