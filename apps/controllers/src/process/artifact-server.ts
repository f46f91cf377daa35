import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ArtifactHandlerOptions, artifactHandler } from '@sluice/artifact'
import type { Logger } from '@sluice/ports'
import type { Address } from '../settings.ts'

/** A server for artifacts that begins when a controller that makes some begins to lead. */
export type ArtifactServer = {
  /** Listens, if it does not yet. Fails as `node:net` does. */
  start(): Promise<void>
  close(): Promise<void>
}

export function artifactServer(
  directory: string,
  { host, port }: Address,
  { log, prepare }: ArtifactHandlerOptions & { readonly log: Logger },
): ArtifactServer {
  let started: Promise<Server> | undefined

  return {
    start: async () => {
      started ??= listen()
      await started
    },
    close: async () => {
      const server = await started?.catch(() => undefined)
      if (!server) return
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }

  async function listen(): Promise<Server> {
    mkdirSync(directory, { recursive: true })
    const server = createServer(artifactHandler(directory, { prepare }))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, ...(host !== '' && { host }) }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    log.info('serving artifacts', { port: (server.address() as AddressInfo).port })
    return server
  }
}
