import { type Clock, type Http, type HttpResponse, readBody, ToolkitError } from '@sluice/ports'
import type { ForwardEvent } from './notification.ts'

/** The notification controller did not take an event. */
export class ForwardEventError extends ToolkitError {
  override readonly name = 'ForwardEventError'

  constructor(status: number) {
    super('FORWARD_EVENT_FAILED', `the notification controller answered with status ${status}`)
  }
}

const timeoutMs = 5_000
const maxAttempts = 5
const firstPauseMs = 1_000
const longestPauseMs = 30_000

/**
 * Posts events to the notification controller at `address` (`--events-addr`). A refusal as duplicate is no failure; trouble
 * of the server or the way to it is tried again with growing pauses.
 *
 * Source: FEATURES of Flux 2.9, §1.4.
 */
export function forwardEvents(
  address: string,
  { http, clock }: { readonly http: Http; readonly clock: Clock },
): ForwardEvent {
  return async (event, { signal }) => {
    const body = JSON.stringify(event)
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === maxAttempts
      try {
        const status = await post(body, signal)
        // The notification controller has it already.
        if (status < 300 || status === 429) return
        if (status < 500 || isLast) throw new ForwardEventError(status)
      } catch (error) {
        if (isLast || signal.aborted || error instanceof ForwardEventError) throw error
      }
      await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)), signal)
    }
  }

  async function post(body: string, signal: AbortSignal): Promise<number> {
    const response: HttpResponse = await http.request(
      {
        method: 'POST',
        url: address,
        headers: { 'content-type': 'application/json' },
        body,
        maxBodyBytes: 65_536,
        timeoutMs,
      },
      { signal },
    )
    await readBody(response.body)
    return response.status
  }
}
