import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Manager } from '../manager/manager-options.ts'

export type EndpointsOptions = {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** What is served: probes at `/healthz` and `/readyz`, metrics at `/metrics`. */
  readonly serve: readonly ('health' | 'metrics')[]
}

/** A small HTTP server for probes and metrics. */
export type Endpoints = {
  readonly port: number
  close(): Promise<void>
}

type Answer = { readonly status: number; readonly type: string; readonly text: string }

const plain = 'text/plain; charset=utf-8'
const prometheus = 'text/plain; version=0.0.4; charset=utf-8'

/** Serves a manager's probes and metrics. Fails as `node:net` does when the port is taken. */
export async function serveEndpoints(
  manager: Pick<Manager, 'isReady' | 'metrics'>,
  { host, port, serve }: EndpointsOptions,
): Promise<Endpoints> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const respond = ({ status, type, text }: Answer): void => {
      response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
      response.end(request.method === 'HEAD' ? undefined : text)
    }
    // The second branch cannot fail, so nothing is left to catch.
    void answer(path).then(respond, () => respond({ status: 500, type: plain, text: 'internal error' }))
  })
  await listen(server, host, port)
  return { port: (server.address() as AddressInfo).port, close: () => close(server) }

  async function answer(path: string): Promise<Answer> {
    if (serve.includes('health') && path === '/healthz') return ok('ok')
    if (serve.includes('health') && path === '/readyz') {
      return manager.isReady() ? ok('ok') : { status: 503, type: plain, text: 'caches are not filled yet' }
    }
    if (serve.includes('metrics') && path === '/metrics') {
      return { status: 200, type: prometheus, text: await manager.metrics() }
    }
    return { status: 404, type: plain, text: '404 page not found' }
  }
}

function ok(text: string): Answer {
  return { status: 200, type: plain, text }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
