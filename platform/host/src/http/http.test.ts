import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { HttpError, readBody } from '@sluice/ports'
import { afterEach, describe, expect, test } from 'vitest'
import { withoutPassword } from './go-net-errors.ts'
import { createHttp } from './http.ts'

const { signal } = new AbortController()
const bounds = { method: 'GET', maxBodyBytes: 1000, timeoutMs: 5000 } as const
const http = createHttp({ userAgent: 'test' })
const servers: { close(): unknown }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function text(url: string): Promise<string> {
  const response = await http.request({ ...bounds, url }, { signal })
  return new TextDecoder().decode(await readBody(response.body))
}

test('a redirect is handed back as it is', async () => {
  const url = await listen((_, response) => response.writeHead(302, { location: '/b' }).end())
  const response = await http.request({ ...bounds, url }, { signal })
  await readBody(response.body)
  expect([response.status, response.headers.get('location')]).toEqual([302, '/b'])
})

test('credentials in the URL become basic authentication', async () => {
  const url = await listen((request, response) => response.end(request.headers.authorization))
  expect(await text(url.replace('//', '//me:p%40ss@'))).toBe(`Basic ${btoa('me:p@ss')}`)
})

test('requests with the same settings share a connection', async () => {
  const url = await listen((request, response) => response.end(String(request.socket.remotePort)))
  const first = await text(url)
  // A connection is free again one turn after the end of its body.
  await new Promise(setImmediate)
  expect(await text(url)).toBe(first)
})

/** A server of raw answers: a request on each connection, one after the other. Gives how many requests came. */
async function listenRaw(
  answer: (socket: Socket, request: number) => void,
): Promise<{ readonly url: string; readonly requests: () => number }> {
  let requests = 0
  const server = createTcpServer((socket) => {
    let onSocket = 0
    socket.on('error', () => undefined)
    socket.on('data', () => {
      requests += 1
      onSocket += 1
      answer(socket, onSocket)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests: () => requests }
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
/** Keeps the connection and gives up the second request on it, in one of the ways that servers do. */
const givingUp =
  (how: 'reset' | 'end' | 'partial') =>
  (socket: Socket, request: number): void => {
    if (request === 1) socket.write(ok)
    else if (how === 'reset') socket.resetAndDestroy()
    else if (how === 'partial') socket.end('HTTP/1.1 200')
    else socket.end()
  }

describe('a kept connection that the server gave up', () => {
  test.for(['reset', 'end'] as const)('by a %s is no failure of a GET', async (how) => {
    const { url, requests } = await listenRaw(givingUp(how))
    for (let i = 0; i < 3; i += 1) {
      expect(await text(url)).toBe('ok')
      await new Promise(setImmediate)
    }
    expect(requests()).toBe(5)
  })

  test('is one of a POST, which may have been done', async () => {
    const { url, requests } = await listenRaw(givingUp('reset'))
    await text(url)
    await new Promise(setImmediate)
    const post = http.request({ ...bounds, method: 'POST', body: 'x', url }, { signal })
    await expect(post).rejects.toMatchObject({
      message: `Post "${url}": read tcp: read: connection reset by peer`,
    })
    expect(requests()).toBe(2)
  })

  test('is one when a part of the answer came', async () => {
    const { url, requests } = await listenRaw(givingUp('partial'))
    await text(url)
    await new Promise(setImmediate)
    await expect(text(url)).rejects.toMatchObject({ code: 'HTTP_PROTOCOL' })
    expect(requests()).toBe(2)
  })

  test('a new connection that is reset is not tried again', async () => {
    const { url, requests } = await listenRaw((socket) => void socket.resetAndDestroy())
    await expect(text(url)).rejects.toMatchObject({ code: 'HTTP_UNREACHABLE' })
    expect(requests()).toBe(1)
  })
})

test('plain HTTP through a proxy asks the proxy, with its credentials', async () => {
  const url = await listen((request, response) =>
    response.end(`${request.url} ${request.headers['proxy-authorization']}`),
  )
  const response = await http.request(
    { ...bounds, url: 'http://example.test/x', proxy: { url, username: 'u', password: 'p' } },
    { signal },
  )
  const body = new TextDecoder().decode(await readBody(response.body))
  expect(body).toBe(`http://example.test/x Basic ${btoa('u:p')}`)
})

describe('failures read as Go prints them', () => {
  test('nothing listens', async () => {
    const server = createTcpServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const url = `http://127.0.0.1:${port}/x`
    await expect(text(url)).rejects.toMatchObject({
      code: 'HTTP_UNREACHABLE',
      message: `Get "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    })
  })

  test('too slow', async () => {
    const url = await listen(() => undefined)
    const slow = http.request({ ...bounds, url, timeoutMs: 20 }, { signal })
    await expect(slow).rejects.toMatchObject({
      code: 'HTTP_TIMEOUT',
      message: `Get "${url}": context deadline exceeded`,
    })
  })

  test('too slow within the body', async () => {
    const url = await listen((_, response) => response.write('x'))
    const response = await http.request({ ...bounds, url, timeoutMs: 50 }, { signal })
    await expect(readBody(response.body)).rejects.toMatchObject({ code: 'HTTP_TIMEOUT' })
  })

  test('too large', async () => {
    const url = await listen((_, response) => response.end('x'.repeat(2000)))
    await expect(text(url)).rejects.toMatchObject({ code: 'HTTP_TOO_LARGE' })
  })

  test('the connection is closed without an answer', async () => {
    const url = await listen((request) => request.socket.destroy())
    await expect(text(url)).rejects.toMatchObject({ message: `Get "${url}": EOF` })
  })

  test('not HTTP', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(text(url)).rejects.toMatchObject({ code: 'HTTP_PROTOCOL' })
  })

  test.for(['ftp://x/', 'no url'])('%s is no HTTP URL', async (url) => {
    await expect(text(url)).rejects.toBeInstanceOf(HttpError)
  })

  test('an aborted request throws the reason of the abort', async () => {
    const url = await listen(() => undefined)
    const abort = new AbortController()
    const pending = http.request({ ...bounds, url }, { signal: abort.signal })
    abort.abort(new Error('shutting down'))
    await expect(pending).rejects.toThrow('shutting down')
  })

  test('a password in a URL is never shown', () => {
    expect(withoutPassword('https://me:secret@host/x?y=a:b@c')).toBe('https://me:***@host/x?y=a:b@c')
  })
})
