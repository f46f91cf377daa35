import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { decodeProtobufObject } from '../protobuf/decode.ts'
import { badRequest, statusError, tooLarge, unsupportedMediaType } from '../status/status-error.ts'

/** As the real server has it for writes of objects. */
export const maxBodyBytes: number = 3 * 1024 * 1024

/** How long a body may stand still. */
const idleMs = 30_000
const protobufType = 'application/vnd.kubernetes.protobuf'

/** The body of a request. Protobuf is turned into JSON here, so that nothing behind has to know of it. */
export type RequestBody = { readonly text: string; readonly contentType: string }

/**
 * Reads the body of a request.
 *
 * @throws {ApiError} RequestEntityTooLarge, UnsupportedMediaType for protobuf of a kind that has none
 */
export async function readBody(request: IncomingMessage | Http2ServerRequest): Promise<RequestBody> {
  const contentType = request.headers['content-type'] ?? 'application/json'
  const bytes = await readBytes(request)
  if (contentType.split(';', 1)[0]?.trim() !== protobufType || bytes.length === 0) {
    return { text: bytes.toString('utf8'), contentType }
  }
  const object = decodeProtobufObject(bytes)
  if (!object) throw unsupportedMediaType(['application/json', 'application/yaml'])
  return { text: JSON.stringify(object), contentType: 'application/json' }
}

function readBytes(request: IncomingMessage | Http2ServerRequest): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBodyBytes) throw tooLarge(`limit is ${maxBodyBytes}`)
  // By events: iterating a stream costs more than reading most bodies.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.setTimeout(idleMs, () => reject(bodyTimeout()))
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBodyBytes) {
        chunks.push(chunk)
        return
      }
      request.pause()
      reject(tooLarge(`limit is ${maxBodyBytes}`))
    })
    request.on('end', () => {
      // What comes after the body takes its own time.
      request.setTimeout(0)
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    })
    request.on('error', reject)
    request.on('aborted', () => reject(badRequest('the request ended before its body did')))
  })
}

function bodyTimeout(): Error {
  return statusError(408, 'Timeout', { message: 'the body of the request did not come in time' })
}
