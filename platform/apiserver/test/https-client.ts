import { Agent, request } from 'node:https'
import type { ApiServer } from '../src/index.ts'

export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
  readonly text: string
}

export type Ask = (
  path: string,
  options?: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    /** Sends no token. */
    readonly anonymous?: boolean
    /** PEM of a client certificate and its key. */
    readonly certificate?: { readonly cert: string; readonly key: string }
  },
) => Promise<Reply>

/** Asks a listening server over HTTP/1.1, as its administrator unless told otherwise. */
export function httpsClient(server: ApiServer, { port, token }: { port: number; token: string }): Ask {
  return (path, { method = 'GET', headers = {}, body, anonymous = false, certificate } = {}) =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ ca: server.ca, ...certificate })
      const authorization: Record<string, string> =
        anonymous || certificate ? {} : { Authorization: `Bearer ${token}` }
      const sent = request(
        { agent, port, host: '127.0.0.1', path, method, headers: { ...authorization, ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const bytes = Buffer.concat(chunks)
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes,
              text: bytes.toString(),
            })
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
}
