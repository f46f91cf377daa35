import { spawn } from 'node:child_process'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What may be done with a repository, by whom. */
export type GitAccess = 'none' | 'read' | 'write'

export type GitServerOptions = {
  /** Which directory serves a request for this path (`/pub/app`); nothing for one that does not exist. */
  readonly locate: (path: string) => string | undefined
  /** What the person with these credentials may do there; anonymous when absent. */
  readonly authorize: (
    path: string,
    user: { readonly name: string; readonly password: string } | undefined,
  ) => GitAccess
  /** The `git` program. */
  readonly git?: string
}

const servicePath = /^(\/.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/
const maxHeaderBytes = 64 * 1024

/**
 * Serves repositories over smart HTTP with `git http-backend`, as a handler for Node's HTTP servers. It is what
 * `sluice up` serves local repositories with; controllers never call the `git` program.
 */
export function gitHttpHandler({ locate, authorize, git = 'git' }: GitServerOptions): RequestListener {
  return (request, response) => {
    handle(request, response).catch((error: Error) => response.destroy(error))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams, search } = new URL(request.url ?? '/', 'http://localhost')
    const [, path = '', action = ''] = servicePath.exec(decodeURI(pathname)) ?? []
    const service = action === 'info/refs' ? searchParams.get('service') : action
    const access = path === '' ? 'none' : authorize(path, credentialsOf(request))
    const needed = service === 'git-receive-pack' ? ['write'] : ['read', 'write']
    if (path !== '' && !needed.includes(access)) {
      answer(response, 401, 'Authorization Required', { 'www-authenticate': 'Basic realm="Git"' })
      return
    }
    const directory = path === '' ? undefined : locate(path)
    if (directory === undefined || !service?.startsWith('git-')) {
      answer(response, 404, '')
      return
    }
    await runBackend({ request, response, git }, { directory, action, query: search.slice(1) })
  }
}

/** The directory of repository `path` under `root`, if that is where it leads. */
export function directoryUnder(root: string, path: string): string | undefined {
  const directory = resolve(root, `.${path}`)
  return directory.startsWith(resolve(root) + sep) ? directory : undefined
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly git: string }
type Call = { readonly directory: string; readonly action: string; readonly query: string }

async function runBackend({ request, response, git }: Exchange, call: Call): Promise<void> {
  const { headers } = request
  const child = spawn(git, ['-c', 'safe.directory=*', '-c', 'http.receivepack=true', 'http-backend'], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: call.directory,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${call.action}`,
      QUERY_STRING: call.query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      REMOTE_USER: 'git',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.on('error', (error) => response.destroy(error))
  response.on('close', () => child.kill())
  // A program that needs no more input closes its end early.
  pipeline(request, child.stdin).catch(() => undefined)
  await relay(child.stdout, response)
}

/** Turns what a CGI program prints into a response. */
async function relay(output: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  let head = Buffer.alloc(0)
  let isOpen = false
  for await (const chunk of output) {
    if (isOpen) {
      await write(response, chunk)
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0 && head.length > maxHeaderBytes) throw new Error('git http-backend printed no headers')
    if (end < 0) continue
    isOpen = true
    const { status, headers } = parseHead(head.toString('latin1', 0, end))
    response.writeHead(status, headers)
    await write(response, head.subarray(end + 4))
  }
  if (isOpen) response.end()
  else answer(response, 500, 'git http-backend failed')
}

function parseHead(text: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {}
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const { status = '200', ...rest } = headers
  return { status: Number.parseInt(status, 10), headers: rest }
}

async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.write(chunk) || response.destroyed) return
  await new Promise<void>((goOn) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      goOn()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
}

function credentialsOf({ headers }: IncomingMessage): { name: string; password: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : { name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}
