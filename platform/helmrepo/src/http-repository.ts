import { createHash } from 'node:crypto'
import { ChartError, type ChartVersion, resolveChartUrl } from '@sluice/chart'
import {
  type Http,
  HttpError,
  type HttpProxy,
  type HttpTls,
  isSameOrigin,
  readBody,
  requestFollowing,
} from '@sluice/ports'
import { HelmRepositoryError } from './helm-repository-error.ts'

/** A chart repository over HTTP. */
export type HttpChartRepository = {
  readonly url: string
  readonly username?: string
  readonly password?: string
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
  /** Send the password also to other hosts that the index names. */
  readonly passCredentials?: boolean
}

export type HelmFetchOptions = {
  readonly http: Http
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Largest answer, after decompression too. */
  readonly maxBytes: number
  /** Undoes `Content-Encoding: gzip`. */
  readonly gunzip: (data: Uint8Array, bounds: { readonly maxBytes: number }) => Promise<Uint8Array>
}

const statusTexts: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

/** The bytes of `index.yaml`. @throws {HelmRepositoryError} */
export function fetchChartIndex(
  repository: HttpChartRepository,
  options: HelmFetchOptions,
): Promise<Uint8Array> {
  return download(`${repository.url.replace(/\/+$/, '')}/index.yaml`, repository, options)
}

/**
 * The archive of a chart, checked against the digest that the index has of it.
 *
 * @throws {HelmRepositoryError}
 */
export async function downloadChart(
  chart: ChartVersion,
  repository: HttpChartRepository,
  options: HelmFetchOptions,
): Promise<Uint8Array> {
  const [reference] = chart.urls
  if (reference === undefined) {
    throw new HelmRepositoryError('HELM_FETCH', `chart '${chart.name}' has no downloadable URLs`)
  }
  const content = await download(addressOf(repository.url, reference), repository, options)
  const digest = createHash('sha256').update(content).digest('hex')
  if (chart.digest !== undefined && chart.digest.replace(/^sha256:/, '') !== digest) {
    throw new HelmRepositoryError(
      'HELM_FETCH',
      `chart '${chart.name}' has another digest than its index says`,
    )
  }
  return content
}

function addressOf(repositoryUrl: string, reference: string): string {
  try {
    return resolveChartUrl(repositoryUrl, reference)
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw new HelmRepositoryError('HELM_FETCH', cause.message)
  }
}

async function download(
  url: string,
  repository: HttpChartRepository,
  { http, signal, timeoutMs, maxBytes, gunzip }: HelmFetchOptions,
): Promise<Uint8Array> {
  if (!/^https?:/.test(url)) {
    throw new HelmRepositoryError('HELM_FETCH', `scheme of ${JSON.stringify(url)} is not supported`)
  }
  const mayIdentify = repository.passCredentials === true || isSameOrigin(url, repository.url)
  try {
    const { response } = await requestFollowing(
      http,
      {
        method: 'GET',
        url,
        headers: { 'accept-encoding': 'gzip', ...(mayIdentify ? identify(repository) : {}) },
        ...(repository.tls ? { tls: mayIdentify ? repository.tls : onlyTrust(repository.tls) } : {}),
        ...(repository.proxy ? { proxy: repository.proxy } : {}),
        maxBodyBytes: maxBytes,
        timeoutMs,
      },
      { signal },
    )
    const body = await readBody(response.body)
    if (response.status !== 200) {
      const status = `${response.status} ${statusTexts[response.status] ?? ''}`.trim()
      // The space before the colon is Helm's.
      throw new HelmRepositoryError('HELM_FETCH', `failed to fetch ${url} : ${status}`)
    }
    return response.headers.get('content-encoding') === 'gzip' ? await gunzip(body, { maxBytes }) : body
  } catch (error) {
    if (!(error instanceof HttpError) || error.code !== 'HTTP_TOO_LARGE') throw error
    throw new HelmRepositoryError('HELM_FETCH', `${url} exceeds the maximum size of ${maxBytes} bytes`)
  }
}

function identify({ username, password }: HttpChartRepository): Record<string, string> {
  if (username === undefined || password === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

function onlyTrust({ ca }: HttpTls): HttpTls {
  return ca === undefined ? {} : { ca }
}
