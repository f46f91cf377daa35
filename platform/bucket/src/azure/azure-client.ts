import { createHmac } from 'node:crypto'
import { xmlElements, xmlText } from '@sluice/cloud'
import { type HttpResponse, readBody } from '@sluice/ports'
import {
  type BucketClient,
  type BucketConnection,
  type BucketObject,
  checkKey,
  maxPageBytes,
  maxPages,
} from '../bucket-client.ts'
import { BucketError } from '../bucket-error.ts'

/** How to prove who asks: with the account's key, a signature that someone else has made, or a token of Entra. */
export type AzureCredentials =
  | { readonly kind: 'accountKey'; readonly key: string }
  | { readonly kind: 'sas'; readonly query: string }
  | { readonly kind: 'token'; readonly token: string }

export type AzureOptions = BucketConnection & {
  /** Address of the account, such as `https://account.blob.core.windows.net`. */
  readonly endpoint: string
  readonly container: string
  /** Anonymous when absent. */
  readonly credentials?: AzureCredentials
}

const apiVersion = '2021-12-02'

/** A container of Azure Blob Storage. Source: https://learn.microsoft.com/rest/api/storageservices/ */
export function azureContainer(options: AzureOptions): BucketClient {
  const base = `${options.endpoint.replace(/\/+$/, '')}/${options.container}`
  return {
    exists: async () => {
      const { response, body } = await send(
        '',
        { restype: 'container', comp: 'list', maxresults: '1' },
        maxPageBytes,
      )
      if (response.status === 404) return false
      if (response.status !== 200) throw errorFrom(response, body)
      return true
    },
    list: listAll,
    get: async (key, { maxBytes }) => {
      const path = `/${checkKey(key).split('/').map(encodeURIComponent).join('/')}`
      const { response, body } = await send(path, {}, maxBytes)
      if (response.status === 404) {
        throw new BucketError('OBJECT_NOT_FOUND', 'The specified blob does not exist.')
      }
      if (response.status !== 200) throw errorFrom(response, body)
      return { content: body, etag: trimQuotes(response.headers.get('etag') ?? '') }
    },
  }

  async function* listAll(prefix: string): AsyncGenerator<BucketObject> {
    let marker = ''
    for (let page = 0; page < maxPages; page += 1) {
      const query = {
        restype: 'container',
        comp: 'list',
        ...(prefix === '' ? {} : { prefix }),
        ...(marker === '' ? {} : { marker }),
      }
      // A page is asked for with what the one before ends with.
      const { response, body } = await send('', query, maxPageBytes)
      if (response.status !== 200) throw errorFrom(response, body)
      const xml = new TextDecoder().decode(body)
      yield* xmlElements(xml, 'Blob').map(decodeBlob)
      marker = xmlText(xml, 'NextMarker') ?? ''
      if (marker === '') return
    }
    throw new BucketError('BUCKET_TOO_LARGE', 'the listing of the container does not end')
  }

  async function send(
    path: string,
    query: Readonly<Record<string, string>>,
    maxBytes: number,
  ): Promise<{ readonly response: HttpResponse; readonly body: Uint8Array }> {
    const { http, signal, timeoutMs, tls, proxy, credentials, now } = options
    const url = new URL(base + path)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    if (credentials?.kind === 'sas') {
      for (const [name, value] of new URLSearchParams(credentials.query)) url.searchParams.set(name, value)
    }
    const headers: Record<string, string> = {
      'x-ms-date': new Date(now()).toUTCString(),
      'x-ms-version': apiVersion,
    }
    if (credentials?.kind === 'token') headers['authorization'] = `Bearer ${credentials.token}`
    if (credentials?.kind === 'accountKey') headers['authorization'] = sign(url, headers, credentials.key)
    const response = await http.request(
      {
        method: 'GET',
        url: url.href,
        headers,
        ...(tls ? { tls } : {}),
        ...(proxy ? { proxy } : {}),
        maxBodyBytes: maxBytes,
        timeoutMs,
      },
      { signal },
    )
    return { response, body: await readBody(response.body) }
  }
}

/** Source: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
function sign(url: URL, headers: Readonly<Record<string, string>>, key: string): string {
  const [account = ''] = url.hostname.split('.')
  const query = [...url.searchParams].map(([name, value]) => `\n${name.toLowerCase()}:${value}`).toSorted()
  const canonicalHeaders = Object.keys(headers)
    .toSorted()
    .map((name) => `${name}:${headers[name]}\n`)
  // A GET has none of the eleven headers that stand between the method and the extension headers.
  const toSign = `GET${'\n'.repeat(12)}${canonicalHeaders.join('')}/${account}${url.pathname}${query.join('')}`
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(toSign).digest('base64')
  return `SharedKey ${account}:${signature}`
}

function decodeBlob(xml: string): BucketObject {
  const key = xmlText(xml, 'Name')
  const sizeBytes = Number(xmlText(xml, 'Content-Length') ?? 0)
  if (key === undefined || !Number.isSafeInteger(sizeBytes)) {
    throw new BucketError('BUCKET_INVALID', 'the listing of the container is malformed')
  }
  return { key, etag: trimQuotes(xmlText(xml, 'Etag') ?? ''), sizeBytes }
}

function errorFrom({ status }: HttpResponse, body: Uint8Array): BucketError {
  const xml = new TextDecoder().decode(body.subarray(0, 64 * 1024))
  const message = xmlText(xml, 'Message')?.split('\n')[0] ?? `unexpected status code ${status}`
  return new BucketError('BUCKET_REFUSED', message)
}

function trimQuotes(etag: string): string {
  return etag.replaceAll('"', '')
}
