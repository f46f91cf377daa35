import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** A repository that the server offers. */
export type ServedRepository = {
  /** Directory that Git can open: a bare repository or a work tree. */
  readonly directory: string
  /** Whether pushes are taken. Never for a person's own work tree. */
  readonly writable: boolean
}

export type GitServerOptions = {
  /** URL path without leading slash and `.git`, such as `cnych/k8s-demo-config`. */
  readonly repositories: ReadonlyMap<string, ServedRepository>
  readonly credentials: { readonly username: string; readonly password: string }
  /** 0 takes any free port. */
  readonly port: number
  /** Called after each push that was taken. */
  readonly onPush?: (repository: string) => void
}

export type GitServer = { readonly port: number; readonly close: () => Promise<void> }

type Service = 'git-upload-pack' | 'git-receive-pack'
type Route = { readonly name: string; readonly repository: ServedRepository; readonly service: Service }

const maxRequestMs = 60_000

/**
 * Serves repositories of this machine over smart HTTP with basic authentication, on loopback only.
 *
 * The `git` program does the work; controllers never call it, they are clients of this server as of any other.
 * Source: https://git-scm.com/docs/http-protocol
 *
 * @throws the listening socket's error, such as EADDRINUSE.
 */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const running = new Set<ChildProcess>()
  const server = createServer((request, response) => handle(request, response, { ...options, running }))
  server.requestTimeout = maxRequestMs
  await listen(server, options.port)
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const child of running) child.kill()
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

type Context = GitServerOptions & { readonly running: Set<ChildProcess> }

function handle(request: IncomingMessage, response: ServerResponse, context: Context): void {
  if (!isAuthorized(request, context.credentials)) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="sluice"' }).end('authentication required\n')
    return
  }
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (request.method === 'GET' && url.pathname.endsWith('/info/refs')) {
    const route = routeOf(
      url.pathname.slice(0, -'/info/refs'.length),
      url.searchParams.get('service'),
      context,
    )
    if (route) advertise(request, response, { route, context })
    else refuse(response, url.pathname)
    return
  }
  const slash = url.pathname.lastIndexOf('/')
  const route = routeOf(url.pathname.slice(0, slash), url.pathname.slice(slash + 1), context)
  if (request.method === 'POST' && route) exchange(request, response, { route, context })
  else refuse(response, url.pathname)
}

function refuse(response: ServerResponse, path: string): void {
  response.writeHead(404, { 'content-type': 'text/plain' }).end(`no such repository: ${path}\n`)
}

function routeOf(
  path: string,
  service: string | null,
  { repositories }: GitServerOptions,
): Route | undefined {
  const name = decodeURIComponent(path)
    .replace(/^\//, '')
    .replace(/\.git$/, '')
  const repository = repositories.get(name)
  if (!repository) return undefined
  if (service === 'git-upload-pack') return { name, repository, service }
  if (service === 'git-receive-pack' && repository.writable) return { name, repository, service }
  return undefined
}

function advertise(
  request: IncomingMessage,
  response: ServerResponse,
  { route, context }: { readonly route: Route; readonly context: Context },
): void {
  response.writeHead(200, {
    'content-type': `application/x-${route.service}-advertisement`,
    'cache-control': 'no-cache',
  })
  // The service line is a pkt-line of its own before what git prints, except in protocol v2.
  const line = `# service=${route.service}\n`
  if (!isVersion2(request)) {
    response.write(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`)
  }
  const child = git(request, route, { context, advertiseOnly: true })
  child.stdout?.pipe(response)
  child.stdin?.end()
}

function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  { route, context }: { readonly route: Route; readonly context: Context },
): void {
  response.writeHead(200, {
    'content-type': `application/x-${route.service}-result`,
    'cache-control': 'no-cache',
  })
  const child = git(request, route, { context, advertiseOnly: false })
  const body: Readable =
    request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  // A client that goes away mid-request closes the pipe; git then ends by itself.
  body.on('error', () => child.kill())
  child.stdin?.on('error', () => {})
  if (child.stdin) body.pipe(child.stdin)
  child.stdout?.pipe(response)
  child.once('close', (code) => {
    if (code === 0 && route.service === 'git-receive-pack') context.onPush?.(route.name)
  })
}

function git(
  request: IncomingMessage,
  { repository, service }: Route,
  { context, advertiseOnly }: { readonly context: Context; readonly advertiseOnly: boolean },
): ChildProcess {
  const child = spawn(
    'git',
    [
      // A repository of another user is refused otherwise; serving it is what the person asked for.
      '-c',
      'safe.directory=*',
      '-c',
      'uploadpack.allowAnySHA1InWant=true',
      service.slice('git-'.length),
      '--stateless-rpc',
      ...(advertiseOnly ? ['--http-backend-info-refs'] : []),
      repository.directory,
    ],
    {
      env: { ...process.env, GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  )
  context.running.add(child)
  child.once('close', () => context.running.delete(child))
  child.once('error', () => request.destroy())
  return child
}

function isVersion2(request: IncomingMessage): boolean {
  return String(request.headers['git-protocol'] ?? '').includes('version=2')
}

function isAuthorized(
  request: IncomingMessage,
  { username, password }: GitServerOptions['credentials'],
): boolean {
  const want = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(want))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
