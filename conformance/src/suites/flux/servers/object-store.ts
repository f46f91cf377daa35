import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { signAws } from '@sluice/cloud'
import { filesIn, recordedFiles } from './packed-files.ts'

/** The address of the store in the recorded manifests. */
export const recordedHost = '127.0.0.1:29000'

const credentials = { accessKey: 'minio', secretKey: 'minio123' }
const wrongSignature =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'

export type ObjectStore = {
  readonly handle: RequestListener
  readonly put: (key: string, content: string) => void
}

/** As much of an S3 server as sources ask for, with the recorded bucket. Signatures are checked. */
export function objectStore(recordings: string): ObjectStore {
  const objects = new Map(filesIn(recordedFiles(join(recordings, '26-bucket-minio/input/bucket'))))
  const put = (key: string, content: string): void => {
    objects.set(key, new TextEncoder().encode(content))
  }
  return { handle, put }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    // What was signed is the host of the manifest, not the one that the request was led to.
    const url = new URL(request.url ?? '/', `http://${recordedHost}`)
    const refusal = refusalOf(request, url)
    if (refusal !== undefined) {
      fail(response, 403, refusal)
      return
    }
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/')
    const key = rest.join('/')
    if (bucket !== 'g26-bucket') fail(response, 404, 'The specified bucket does not exist')
    else if (key === '') list(response, objects, url.searchParams.get('prefix') ?? '')
    else get(response, objects.get(key))
  }
}

function refusalOf({ headers }: IncomingMessage, url: URL): string | undefined {
  const { authorization, 'x-amz-date': date } = headers
  if (authorization === undefined || typeof date !== 'string') return 'Access Denied.'
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  const now = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(authorization)?.[1] ?? ''
  const expected = signAws({ method: 'GET', url, region, service: 's3', now }, credentials)['authorization']
  return authorization === expected ? undefined : wrongSignature
}

function list(response: ServerResponse, objects: ReadonlyMap<string, Uint8Array>, prefix: string): void {
  const contents = [...objects]
    .filter(([key]) => key.startsWith(prefix))
    .map(
      ([key, content]) =>
        `<Contents><Key>${encodeURIComponent(key)}</Key><ETag>&quot;${etagOf(content)}&quot;</ETag>` +
        `<Size>${content.length}</Size></Contents>`,
    )
  response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`)
}

function get(response: ServerResponse, content: Uint8Array | undefined): void {
  if (content) response.writeHead(200, { etag: `"${etagOf(content)}"` }).end(content)
  else fail(response, 404, 'The specified key does not exist.')
}

function fail(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status).end(`<Error><Message>${message}</Message></Error>`)
}

function etagOf(content: Uint8Array): string {
  return createHash('md5').update(content).digest('hex')
}
