import type { Http } from '@sluice/ports'
import { fakeClock, fakeHttp } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { type Answered, pacedHttp } from './paced-http.ts'

const { signal } = new AbortController()

function setup(headers: Readonly<Record<string, string>> = {}) {
  const clock = fakeClock()
  const answers: Answered[] = []
  const inner = fakeHttp(() => ({ status: 200, headers }))
  const http = pacedHttp(inner, {
    pace: { qps: 2, burst: 3 },
    clock,
    onAnswer: (answered) => answers.push(answered),
  })
  return { clock, http, answers, sent: () => inner.requests.length }
}

function get(http: Http): Promise<unknown> {
  const url = 'https://10.0.0.1/api'
  return http.request({ method: 'GET', url, maxBodyBytes: 1, timeoutMs: 1 }, { signal })
}

test('after a burst, requests follow each other at the given rate', async () => {
  const { clock, http, sent } = setup()
  const all = Promise.all(Array.from({ length: 6 }, () => get(http)))
  await clock.advance(0)
  expect(sent()).toBe(3)
  await clock.advance(500)
  expect(sent()).toBe(4)
  await clock.advance(1_000)
  expect(sent()).toBe(6)
  await all
})

test('a server with a flow control of its own is not waited for', async () => {
  const { http, sent, clock } = setup({ 'x-kubernetes-pf-flowschema-uid': 'u' })
  await get(http)
  const all = Promise.all(Array.from({ length: 20 }, () => get(http)))
  await clock.advance(0)
  expect(sent()).toBe(21)
  await all
})

test('each answer is told of', async () => {
  const { http, answers } = setup()
  await get(http)
  expect(answers).toEqual([{ method: 'GET', host: '10.0.0.1', status: 200 }])
})
