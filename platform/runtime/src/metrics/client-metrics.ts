import { Counter, type Registry } from 'prom-client'

/** client-go's metrics of requests to the API server. */
export interface ClientMetrics {
  /** @param code status of the answer; `<error>` when there was none. */
  answered(method: string, host: string, code: string): void
}

export function clientMetrics(registry: Registry): ClientMetrics {
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server, by status of the answer.',
    labelNames: ['code', 'host', 'method'] as const,
    registers: [registry],
  })
  return { answered: (method, host, code) => requests.inc({ code, host, method }) }
}
