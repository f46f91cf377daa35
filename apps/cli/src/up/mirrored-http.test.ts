import { fakeHttp } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { mirroredHttp } from './mirrored-http.ts'

test.for([
  ['http://gitlab.k8s.local/a.git/info/refs?x=1', 'http://127.0.0.1:4000/a.git/info/refs?x=1'],
  ['https://gitlab.k8s.local/a', 'http://127.0.0.1:4000/a'],
  ['http://127.0.0.1:28080/a', 'http://127.0.0.1:5000/a'],
  ['http://example.com/a', 'http://example.com/a'],
  ['https://ghcr.io/v2/team/app/manifests/x', 'http://127.0.0.1:6000/v2/team/app/manifests/x'],
  ['https://ghcr.io/v2/team/app2/manifests/x', 'https://ghcr.io/v2/team/app2/manifests/x'],
  ['https://ghcr.io/v2/', 'https://ghcr.io/v2/'],
] as const)('%s', async ([url, want]) => {
  const http = fakeHttp(() => ({ status: 200 }))
  const mirrors = new Map([
    ['gitlab.k8s.local', 'http://127.0.0.1:4000'],
    ['127.0.0.1:28080', 'http://127.0.0.1:5000'],
    ['ghcr.io/v2/team/app', 'http://127.0.0.1:6000'],
  ])
  const { signal } = new AbortController()
  const request = { method: 'GET', url, maxBodyBytes: 1, timeoutMs: 1 } as const
  await mirroredHttp(http, mirrors).request(request, { signal })
  expect(http.requests[0]?.url).toBe(want)
})
