import { type Clock, ToolkitError } from '@sluice/ports'

/** Work took longer than it may. The text is Go's. */
export class DeadlineError extends ToolkitError {
  override readonly name = 'DeadlineError'

  constructor() {
    super('DEADLINE_EXCEEDED', 'context deadline exceeded')
  }
}

/** Why work failed: what it threw, or that its time was up. */
export function causeOf(error: unknown, signal: AbortSignal): unknown {
  return signal.reason instanceof DeadlineError ? signal.reason : error
}

/** Does work that is told to stop after `ms`, or when `signal` aborts; {@link causeOf} tells which it was. */
export async function withDeadline<T>(
  ms: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [limit, done] = [new AbortController(), new AbortController()]
  const stop = (): void => limit.abort(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const timer = clock.sleep(ms, done.signal).then(
    () => limit.abort(new DeadlineError()),
    // The work has ended first.
    () => undefined,
  )
  try {
    return await work(limit.signal)
  } finally {
    signal.removeEventListener('abort', stop)
    done.abort()
    await timer
  }
}
