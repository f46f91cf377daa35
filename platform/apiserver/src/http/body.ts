import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { tooLarge } from '../status/status-error.ts'

/** As the real server has it for writes of objects. */
export const maxBodyBytes: number = 3 * 1024 * 1024

/** The body of a request as text. @throws {ApiError} RequestEntityTooLarge */
export async function readText(request: IncomingMessage | Http2ServerRequest): Promise<string> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBodyBytes) throw tooLarge(`limit is ${maxBodyBytes}`)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = chunk as Buffer
    length += bytes.length
    if (length > maxBodyBytes) throw tooLarge(`limit is ${maxBodyBytes}`)
    chunks.push(bytes)
  }
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8')
}
