import type { Transport } from '@sluice/cluster'

/** Where a call is cut: not at all, before the server sees it, or after, so that its answer is lost. */
export type Cut = 'none' | 'before' | 'after'

/** A transport whose calls end the process where `cut` says so. */
export function cutAt(cut: () => Cut, kill: () => void): (transport: Transport) => Transport {
  return (transport) => ({
    request: async (request, options) => {
      const place = cut()
      if (place === 'before') kill()
      const response = await transport.request(request, options)
      if (place === 'none') return response
      kill()
      throw new TypeError('the answer was lost with the process')
    },
    watch: (request, options) => transport.watch(request, options),
  })
}
