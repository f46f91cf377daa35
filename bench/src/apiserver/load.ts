// Load on an API server from a process of its own: node … load.ts '{"url":…,"ca":…,"token":…,"kind":…}' prints JSON.
import { type ClientHttp2Session, connect } from 'node:http2'

export type Load = {
  readonly url: string
  readonly ca: string
  readonly token: string
  readonly kind: 'get' | 'create' | 'watch' | 'list'
  readonly clients: number
  /** How long to go on, or for watches how many events to wait for. */
  readonly seconds: number
}

export type Measured = {
  readonly count: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const streamsPerSession = 16

if (process.argv[2]?.startsWith('{')) {
  const load = JSON.parse(process.argv[2]) as Load
  const measured = await run(load)
  process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0))
}

async function run(load: Load): Promise<Measured> {
  const { url, ca, clients } = load
  const count = Math.ceil(clients / streamsPerSession)
  const sessions = Array.from({ length: count }, () => connect(url, { ca }))
  const sessionOf = (client: number): ClientHttp2Session => {
    const session = sessions[client % count]
    if (!session) throw new RangeError('no session')
    return session
  }
  const measured = load.kind === 'watch' ? await watchAll(load, sessionOf) : await requestAll(load, sessionOf)
  for (const session of sessions) session.destroy()
  return measured
}

async function requestAll(load: Load, sessionOf: (client: number) => ClientHttp2Session): Promise<Measured> {
  const latenciesMs: number[] = []
  const start = performance.now()
  const end = start + load.seconds * 1000
  const one = async (client: number): Promise<void> => {
    const session = sessionOf(client)
    for (let index = 0; performance.now() < end; index += 1) {
      const before = performance.now()
      // A client asks again when it has its answer.
      await exchange(session, request(load, client, index))
      latenciesMs.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: load.clients }, (_, client) => one(client)))
  return summary(latenciesMs, (performance.now() - start) / 1000)
}

type Asked = {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly token: string
}

function request({ kind, token }: Load, client: number, index: number): Asked {
  const path = '/api/v1/namespaces/bench/configmaps'
  if (kind === 'get') return { method: 'GET', path: `${path}/get-${index % 100}`, token }
  if (kind === 'list') return { method: 'GET', path: `${path}?limit=500`, token }
  const name = `load-${client}-${index}-${process.pid}`
  return { method: 'POST', path, body: JSON.stringify(configMap(name)), token }
}

/** An object of the size that configuration has. */
export function configMap(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'bench' } },
    data: { key: 'x'.repeat(200), other: 'y'.repeat(100) },
  }
}

function exchange(session: ClientHttp2Session, { method, path, body, token }: Asked): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': method,
      ':path': path,
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    })
    stream.on('response', (headers) => {
      if (Number(headers[':status']) >= 300) reject(new Error(`${method} ${path}: ${headers[':status']}`))
    })
    stream.on('error', reject)
    stream.on('end', resolve)
    stream.resume()
    stream.end(body)
  })
}

/** Opens the watches, says so, and measures how late each event comes that carries the time of its making. */
async function watchAll(load: Load, sessionOf: (client: number) => ClientHttp2Session): Promise<Measured> {
  const latenciesMs: number[] = []
  let opened = 0
  await new Promise<void>((resolve) => {
    for (let client = 0; client < load.clients; client += 1) {
      const stream = sessionOf(client).request({
        ':path': '/api/v1/namespaces/bench/configmaps?watch=true&fieldSelector=metadata.name%3Dticker',
        authorization: `Bearer ${load.token}`,
      })
      stream.on('response', () => {
        opened += 1
        if (opened === load.clients) process.stderr.write('open\n')
      })
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        for (const [, made] of text.matchAll(/"made":"([\d.]+)"/g)) {
          latenciesMs.push(performance.timeOrigin + performance.now() - Number(made))
        }
      })
    }
    setTimeout(resolve, load.seconds * 1000)
  })
  return summary(latenciesMs, load.seconds)
}

function summary(latenciesMs: readonly number[], seconds: number): Measured {
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { count: sorted.length, seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}
