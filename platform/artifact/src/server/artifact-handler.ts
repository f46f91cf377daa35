import { createReadStream, type Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { basename, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { temporaryPrefix } from '@sluice/host'
import { compareUtf8 } from '@sluice/ports'
import type { ReplicatedStore } from '../blobs/replicated-store.ts'
import { parseRange } from './byte-range.ts'

const contentTypes: readonly (readonly [suffix: string, type: string])[] = [
  ['.gz', 'application/gzip'],
  ['.tgz', 'application/gzip'],
  ['.yaml', 'text/plain; charset=utf-8'],
]

export type ArtifactHandlerOptions = {
  /** Brings a file that replicas share to the disk as it is now, before it is looked for there. */
  readonly prepare?: ReplicatedStore['prepare'] | undefined
}

type Place = { readonly root: string; readonly prepare: ReplicatedStore['prepare'] }

/**
 * Serves the files of an artifact store: GET and HEAD, byte ranges, entity tags, listings of directories.
 * Links are followed as long as they stay in the store.
 */
export function artifactHandler(
  directory: string,
  { prepare = () => Promise.resolve('present') }: ArtifactHandlerOptions = {},
): RequestListener {
  const place = { root: resolve(directory), prepare }
  return (request, response) => {
    serve(place, request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy(error)
      else answer(response, ...failureOf(error))
    })
  }
}

function failureOf(error: Error): readonly [status: number, text: string] {
  const { code } = error as { readonly code?: string }
  if (code === 'ARTIFACT_UNREACHABLE') return [503, 'artifact storage is not available']
  const isOther = code === 'ARTIFACT_DIGEST_MISMATCH' || code === 'ARTIFACT_INVALID'
  if (isOther) return [502, 'artifact storage gave other content']
  return [500, 'internal server error']
}

async function serve(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    answer(response, 405, 'method not allowed')
    return
  }
  const found = await find(place, request.url ?? '/')
  if (!found) {
    answer(response, 404, '404 page not found')
  } else if (found.stats.isDirectory()) {
    await sendListing(found.path, request, response)
  } else {
    await sendFile(found, request, response)
  }
}

type Found = { readonly path: string; readonly stats: Stats }

async function find({ root, prepare }: Place, url: string): Promise<Found | undefined> {
  const names = namesIn(url)
  if (!names || (await prepare(names.join('/'))) === 'absent') return undefined
  try {
    // Both resolved: the root itself may be reached by a link.
    const [base, path] = await Promise.all([realpath(root), realpath(join(root, ...names))])
    if (path !== base && !path.startsWith(base + sep)) return undefined
    const stats = await stat(path)
    return stats.isFile() || stats.isDirectory() ? { path, stats } : undefined
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code)) return undefined
    throw error
  }
}

function namesIn(url: string): readonly string[] | undefined {
  const [path = ''] = url.split(/[?#]/)
  let names: readonly string[]
  try {
    names = path.split('/').map(decodeURIComponent)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
  const parts = names.filter((name) => name !== '')
  const isUnsafe = parts.some(
    (name) => name === '.' || name === '..' || /[/\\\0]/.test(name) || name.startsWith(temporaryPrefix),
  )
  return isUnsafe ? undefined : parts
}

async function sendListing(
  path: string,
  { method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true })
  const lines = entries
    .filter(({ name }) => !name.startsWith(temporaryPrefix))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .toSorted(compareUtf8)
    .map((name) => `<a href="${encodeURI(name)}">${escapeHtml(name)}</a>\n`)
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
  response.end(method === 'HEAD' ? '' : `<pre>\n${lines.join('')}</pre>\n`)
}

async function sendFile(
  { path, stats }: Found,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const etag = `"${stats.size.toString(16)}-${Math.floor(stats.mtimeMs).toString(16)}-${stats.ino.toString(16)}"`
  response.setHeader('etag', etag)
  response.setHeader('last-modified', stats.mtime.toUTCString())
  response.setHeader('accept-ranges', 'bytes')
  if (isFresh(headers, etag, stats.mtimeMs)) {
    response.writeHead(304).end()
    return
  }
  // A range is meant for the file that was seen before, if the client says which one that was.
  const condition = headers['if-range']
  const isSame = condition === undefined || condition === etag || condition === stats.mtime.toUTCString()
  const range = isSame ? parseRange(headers.range, stats.size) : undefined
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${stats.size}`)
    answer(response, 416, 'range not satisfiable')
    return
  }
  const { start, end } = range ?? { start: 0, end: stats.size - 1 }
  response.setHeader('content-type', contentTypeOf(path))
  response.setHeader('content-length', end - start + 1)
  if (range) response.setHeader('content-range', `bytes ${start}-${end}/${stats.size}`)
  response.writeHead(range ? 206 : 200)
  if (method === 'HEAD' || stats.size === 0) {
    response.end()
    return
  }
  await pipeline(createReadStream(path, { start, end }), response)
}

function isFresh(headers: IncomingMessage['headers'], etag: string, modifiedMs: number): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) {
    return tags === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
  }
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return !Number.isNaN(since) && Math.floor(modifiedMs / 1000) * 1000 <= since
}

function contentTypeOf(path: string): string {
  const name = basename(path)
  return contentTypes.find(([suffix]) => name.endsWith(suffix))?.[1] ?? 'application/octet-stream'
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
}
