import type { Clock, Http, HttpResponse } from '@sluice/ports'

/** How fast requests may follow each other. */
export type Pace = {
  /** Requests a second in the long run; any number when negative, five when 0. */
  readonly qps: number
  /** Requests at once after a time of rest; ten when 0. */
  readonly burst: number
}

/** What became of a request, for metrics. `status` is absent when there was no answer. */
export type Answered = { readonly method: string; readonly host: string; readonly status?: number }

/** The server says with this header that it shares its time among clients by itself. */
const flowSchemaHeader = 'x-kubernetes-pf-flowschema-uid'

/**
 * `http` for requests to one API server, paced as client-go's are: requests wait for their turn, until an answer shows that
 * the server has a flow control of its own, which is the better one.
 *
 * Source: client-go rest and util/flowcontrol, token bucket; fluxcd/pkg runtime/client.
 */
export function pacedHttp(
  http: Http,
  {
    pace,
    clock,
    onAnswer,
  }: { readonly pace: Pace; readonly clock: Clock; readonly onAnswer: (answered: Answered) => void },
): Http {
  const qps = pace.qps || 5
  const burst = Math.max(1, pace.burst || 10)
  let isPaced = qps > 0
  /** Below zero by as many requests as wait for their turn. */
  let tokens = burst
  let filledAt = clock.now()

  return {
    request: async (request, { signal }) => {
      if (isPaced) await turn(signal)
      const { method } = request
      const { host } = new URL(request.url)
      let response: HttpResponse
      try {
        response = await http.request(request, { signal })
      } catch (error) {
        if (!signal.aborted) onAnswer({ method, host })
        throw error
      }
      if (response.headers.has(flowSchemaHeader)) isPaced = false
      onAnswer({ method, host, status: response.status })
      return response
    },
  }

  async function turn(signal: AbortSignal): Promise<void> {
    const now = clock.now()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * qps)
    filledAt = now
    tokens -= 1
    if (tokens < 0) await clock.sleep((-tokens / qps) * 1_000, signal)
  }
}
