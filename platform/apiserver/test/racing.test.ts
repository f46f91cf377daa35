import { type ApiError, isApiError } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { createApiServer, inProcessTransport } from '../src/index.ts'

test('clients racing with optimistic locking lose no update', async () => {
  const server = await createApiServer()
  const transport = inProcessTransport(server)
  const { signal } = new AbortController()
  const path = '/api/v1/namespaces/default/configmaps'
  const counter = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'counter' }, data: { n: '0' } }
  await transport.request({ method: 'POST', path, body: counter }, { signal })

  const read = async (): Promise<KubeObject & { data: { n: string } }> =>
    (await transport.request({ method: 'GET', path: `${path}/counter` }, { signal })).body as never
  async function increment(): Promise<void> {
    for (;;) {
      // Sequential: a client tries again on what it read anew.
      const object = await read()
      const body = { ...object, data: { n: String(Number(object.data.n) + 1) } }
      try {
        await transport.request({ method: 'PUT', path: `${path}/counter`, body }, { signal })
        return
      } catch (error) {
        if (!isApiError(error, 'Conflict')) throw error as ApiError
      }
    }
  }
  const client = async (): Promise<void> => {
    for (let round = 0; round < 25; round += 1) {
      await increment()
    }
  }
  await Promise.all(Array.from({ length: 16 }, client))
  expect((await read()).data.n).toBe('400')
  await server.close()
})
