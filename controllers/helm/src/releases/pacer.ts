import type { Clock } from '@sluice/ports'

/** Work goes on for this long before others have a turn. */
const maxStretchMs = 20

/**
 * Lets others have a turn of the event loop when work has gone on for long: a server in the same process answers without
 * one.
 */
export function pacer(clock: Clock, signal: AbortSignal): () => Promise<void> {
  let since = clock.now()
  return async () => {
    if (clock.now() - since < maxStretchMs) return
    // The shortest sleep that gives others a turn.
    await clock.sleep(1, signal)
    since = clock.now()
  }
}
