import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Tells failures of requests that met a connection which its server had given up. */
export type StaleConnections = {
  /**
   * Whether `error` is of a request on a connection that had served another before, and nothing of an answer came: the
   * server closed it while it was idle, and has not looked at the request.
   */
  readonly caused: (error: unknown) => boolean
  readonly close: () => void
}

/** Published by undici whenever a request goes out. */
const channel = 'undici:client:sendHeaders'

type Use = { requests: number; bytesReadBefore: number }

/** Source: Go net/http transport.go, shouldRetryRequest. */
export function watchStaleConnections(): StaleConnections {
  const uses = new WeakMap<Socket, Use>()
  const errors = new WeakSet()

  const observe = (message: unknown): void => {
    const { socket } = message as { readonly socket?: Socket }
    if (!socket) return
    const use = uses.get(socket)
    if (use) {
      use.requests += 1
      use.bytesReadBefore = socket.bytesRead
      return
    }
    const first = { requests: 1, bytesReadBefore: socket.bytesRead }
    uses.set(socket, first)
    // The request fails with the very error that ends the socket.
    socket.once('error', (error) => {
      if (first.requests > 1 && socket.bytesRead === first.bytesReadBefore) errors.add(error)
    })
  }
  subscribe(channel, observe)
  return {
    caused: (error) => typeof error === 'object' && error !== null && errors.has(error),
    close: () => unsubscribe(channel, observe),
  }
}
