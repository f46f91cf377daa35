import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A registry that does not keep to the rules; told by the repository that is asked for. */
export type HostileRegistry = {
  readonly names: readonly string[]
  readonly handle: (request: IncomingMessage, response: ServerResponse, name: string) => void
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const blob = Buffer.from('not an archive')
const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`
const descriptor = (change: object = {}): object => ({
  mediaType: 'application/vnd.cncf.flux.content.v1.tar+gzip',
  digest: digestOf(blob),
  size: blob.length,
  ...change,
})
const manifestOf = (change: object = {}): object => ({
  schemaVersion: 2,
  mediaType: manifestType,
  config: descriptor(),
  layers: [descriptor()],
  ...change,
})

/** Manifests that are none, or lie about what they name. */
const manifests: readonly unknown[] = [
  null,
  1,
  'text',
  [],
  {},
  { layers: null },
  { layers: {} },
  { manifests: [] },
  { manifests: [descriptor()] },
  manifestOf({ layers: [] }),
  manifestOf({ layers: [null] }),
  manifestOf({ layers: [1, 2] }),
  manifestOf({ layers: [descriptor({ digest: 'sha256:../../etc/passwd' })] }),
  manifestOf({ layers: [descriptor({ digest: '' })] }),
  manifestOf({ layers: [descriptor({ digest: 'md5:x' })] }),
  manifestOf({ layers: [descriptor({ digest: `sha256:${'0'.repeat(64)}` })] }),
  manifestOf({ layers: [descriptor({ size: -1 })] }),
  manifestOf({ layers: [descriptor({ size: 1e300 })] }),
  manifestOf({ layers: [descriptor({ size: 'x' })] }),
  manifestOf({ layers: [descriptor({ mediaType: 5 })] }),
  manifestOf({ config: null }),
  manifestOf({ annotations: [] }),
  manifestOf({ annotations: { __proto__: 'x', a: 1 } }),
  manifestOf({ annotations: { 'org.opencontainers.image.revision': 'x'.repeat(100_000) } }),
  manifestOf({ layers: Array.from({ length: 20_000 }, () => descriptor()) }),
  manifestOf({ subject: 'x' }),
  manifestOf(),
]

/** Ways to ask for a login. */
const challenges: readonly string[] = [
  '',
  'Basic',
  'Bearer',
  'Bearer realm',
  'Bearer realm=',
  'Bearer realm=""',
  'Bearer realm="x"',
  'Digest realm="x"',
  'Bearer realm="file:///etc/passwd"',
  'Bearer realm="ftp://127.0.0.1/"',
  'Bearer realm="http://127.0.0.1:1/"',
  'Bearer realm="http://[::1"',
  'Bearer realm="javascript:1"',
  'Bearer realm="http://127.0.0.1:1/",scope="*"',
  `Bearer ${'a="b",'.repeat(5000)}`,
  `Bearer realm="${'\\'.repeat(5000)}`,
  ',,,,,',
  '"',
  'Bearer realm="http://u:p@127.0.0.1:1/"',
]

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const ways: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ...manifests.map((body, index) => [`manifest-${index}`, serveManifest(JSON.stringify(body))] as const),
  ['manifest-cut', serveManifest('{"layers":[')],
  ['manifest-deep', serveManifest('['.repeat(100_000))],
  ['manifest-large', serveManifest(' '.repeat(8 * 1024 * 1024))],
  ...challenges.map((challenge, index) => {
    const answer: Answer = (_, response) => {
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    }
    return [`challenge-${index}`, answer] as const
  }),
  ...[400, 403, 404, 405, 418, 429, 500, 503].map((status) => {
    const answer: Answer = (_, response) => {
      response.writeHead(status).end('<html>no</html>')
    }
    return [`status-${status}`, answer] as const
  }),
  [
    'errors',
    (_, response) =>
      response.writeHead(400).end('{"errors":[null,{},{"code":{"a":1},"detail":{"__proto__":1}}]}'),
  ],
  ['redirect-loop', (request, response) => response.writeHead(302, { location: request.url ?? '' }).end()],
  ['redirect-away', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['redirect-file', (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()],
  ['redirect-nowhere', (_, response) => response.writeHead(302).end()],
  ['redirect-malformed', (_, response) => response.writeHead(302, { location: 'http://[' }).end()],
  ['hangs-up', (request) => request.socket.destroy()],
  ['hangs', () => {}],
  ['drips', drip],
  ['lies-short', (_, response) => response.writeHead(200, { 'content-length': 1_000 }).end('{}')],
  ['lies-encoding', (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('{}')],
  ['never-ends', flood],
  ['not-http', (request) => request.socket.end('nonsense\r\n\r\n')],
  ['headers', (request) => request.socket.end(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}\r\n`)],
])

function serveManifest(body: string): Answer {
  return (request, response) => {
    if ((request.url ?? '').includes('/blobs/')) response.end(blob)
    else response.writeHead(200, { 'content-type': manifestType }).end(body)
  }
}

/** A byte now and then, for as long as somebody listens. */
function drip(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200)
  const timer = setInterval(() => response.write(' '), 50)
  request.socket.on('close', () => clearInterval(timer))
}

/** As much as is taken. */
function flood(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'HEAD') {
    // Whatever is written to that goes nowhere, and never waits.
    response.writeHead(200).end()
    return
  }
  const chunk = Buffer.alloc(1024 * 1024)
  const more = (): void => {
    while (!request.socket.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  response.writeHead(200)
  more()
}

export const hostileRegistry: HostileRegistry = {
  names: [...ways.keys()],
  handle: (request, response, name) => {
    const answer = ways.get(name)
    if (answer) answer(request, response)
    else response.writeHead(404).end()
  },
}
