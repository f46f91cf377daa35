import type { Transport } from '@sluice/cluster'

/** After the process has ended nothing it began reaches the server. */
export function mortalTransport(transport: Transport, process: AbortSignal): Transport {
  return {
    request: async (request, options) => {
      process.throwIfAborted()
      const response = await transport.request(request, options)
      process.throwIfAborted()
      return response
    },
    watch: (request, { signal }) => transport.watch(request, { signal: AbortSignal.any([signal, process]) }),
  }
}
