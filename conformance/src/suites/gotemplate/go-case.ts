import { expectText, Mismatch } from '../../suite.ts'

/** A recorded case; what else it has depends on its kind. */
export type GoCase = {
  readonly name: string
  readonly kind: string
  readonly out?: string
  readonly outBase64?: string
  readonly error?: { readonly text?: string; readonly textEnd?: string; readonly stage: 'parse' | 'exec' }
  readonly match?: string
  readonly [input: string]: unknown
}

/** How a case ended: with output, or with an error at a stage. Bytes stand for output that is not UTF-8. */
export type GoOutcome =
  | { readonly out: string | Uint8Array }
  | { readonly error: string; readonly stage: 'parse' | 'exec' }

/** Runs the input of a case. Errors that are not Go's propagate. */
export type Runner = (input: GoCase) => GoOutcome

/** @throws {Mismatch} when the outcome is not the recorded one */
export function verify(recorded: GoCase, runner: Runner): void {
  const outcome = runner(recorded)
  if (recorded.error) {
    verifyError(recorded.error, outcome)
  } else if ('error' in outcome) {
    throw new Mismatch(`unexpected ${outcome.stage} error: ${JSON.stringify(outcome.error).slice(0, 300)}`)
  } else if (recorded.match !== undefined) {
    const text = asText(outcome.out)
    if (!new RegExp(recorded.match).test(text)) {
      throw new Mismatch(`${JSON.stringify(text).slice(0, 300)} does not match ${recorded.match}`)
    }
  } else if (recorded.outBase64 === undefined) {
    expectText(asText(outcome.out), recorded.out ?? '')
  } else {
    expectText(Buffer.from(outcome.out).toString('base64'), recorded.outBase64)
  }
}

function verifyError(want: NonNullable<GoCase['error']>, outcome: GoOutcome): void {
  if (!('error' in outcome)) {
    throw new Mismatch(
      `want error ${JSON.stringify(want.text ?? want.textEnd)}, got ${JSON.stringify(asText(outcome.out)).slice(0, 200)}`,
    )
  }
  if (want.textEnd !== undefined) {
    if (!outcome.error.endsWith(want.textEnd)) {
      throw new Mismatch(`the error ends otherwise: ${outcome.error.slice(-200)}`)
    }
  } else {
    expectText(outcome.error, want.text ?? '')
  }
  if (outcome.stage !== want.stage) {
    throw new Mismatch(`want an error at ${want.stage}, got one at ${outcome.stage}`)
  }
}

function asText(out: string | Uint8Array): string {
  return typeof out === 'string' ? out : Buffer.from(out).toString('utf8')
}
