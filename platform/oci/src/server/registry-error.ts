import type { IncomingMessage, ServerResponse } from 'node:http'

/** A request cannot be served. Source: distribution-spec, error codes. */
export class RegistryRefusal extends Error {
  override readonly name = 'RegistryRefusal'
  readonly status: number
  readonly code: string
  readonly detail: unknown

  constructor(status: number, code: string, message: string, detail?: unknown) {
    super(message)
    this.status = status
    this.code = code
    this.detail = detail
  }
}

export function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function answerRefusal(response: ServerResponse, refusal: RegistryRefusal): void {
  const { status, code, message, detail } = refusal
  answerJson(response, status, { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] })
}

/** The body of a request. Whoever stops reading it can still answer. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
}
