import type { Action, Effect } from '@sluice/chart'

/**
 * Runs an action: does what it asks for, one thing after the other, and tells it what came of it.
 *
 * An aborted signal leaves the action where it is, with its last record as it was written.
 * @throws the signal's reason, and what the action itself throws
 */
export async function drive<T>(
  action: Action<T>,
  answer: (effect: Effect) => Promise<unknown>,
  signal: AbortSignal,
): Promise<T> {
  let state = action.next()
  while (!state.done) {
    signal.throwIfAborted()
    let reply: unknown
    try {
      // An action knows what it wants next only when it has the answer.
      reply = await answer(state.value)
    } catch (error) {
      signal.throwIfAborted()
      state = action.throw(error)
      continue
    }
    state = action.next(reply)
  }
  return state.value
}
