import { createSecureServer, type Http2SecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { ToolkitError } from '@sluice/ports'
import { type FrontOptions, httpFront } from './front.ts'
import type { TlsIdentity } from './tls-identity.ts'

export type Listening = {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

const maxHeaderBytes = 64 * 1024
const headersTimeoutMs = 30_000

/** The address could not be listened on. */
export class ListenError extends ToolkitError {
  override readonly name = 'ListenError'

  constructor(code: 'ADDRESS_IN_USE' | 'LISTEN_FAILED', message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** Serves HTTPS, HTTP/2 and HTTP/1.1 on one port. @throws {ListenError} */
export async function listenHttps(
  options: FrontOptions,
  { host, port, identity }: { readonly host: string; readonly port: number; readonly identity: TlsIdentity },
): Promise<Listening> {
  const server = createSecureServer(
    {
      allowHTTP1: true,
      key: identity.key,
      cert: identity.certificate,
      ca: identity.ca,
      requestCert: true,
      rejectUnauthorized: false,
      maxHeaderListPairs: 200,
      settings: { maxConcurrentStreams: 1_000, maxHeaderListSize: maxHeaderBytes },
    },
    httpFront(options),
  )
  const sockets = new Set<Socket>()
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // Handshakes that fail and connections that break are the client's affair.
  server.on('tlsClientError', () => {})
  server.on('sessionError', () => {})
  Object.assign(server, { headersTimeout: headersTimeoutMs })
  await listening(server, host, port)
  const address = server.address() as AddressInfo
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `https://${shown}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function listening(server: Http2SecureServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const where = `${host}:${port}`
      reject(
        cause.code === 'EADDRINUSE'
          ? new ListenError('ADDRESS_IN_USE', `the address ${where} is in use; choose another port`, {
              cause,
            })
          : new ListenError('LISTEN_FAILED', `cannot listen on ${where}`, { cause }),
      )
    })
    server.listen(port, host, () => {
      resolve()
    })
  })
}
