import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signAws } from '@sluice/cloud'

export const s3Credentials = { accessKey: 'AKIA', secretKey: 's3cret' }

/** A bucket in memory that speaks as much of S3 as is needed, and takes signed requests only. */
export type S3Server = {
  /** `s3://…` of a place in it. */
  readonly url: string
  readonly objects: Map<string, Buffer>
  /** Lets requests fail from now on. */
  readonly setDown: (isDown: boolean) => void
  readonly close: () => void
}

export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  let isDown = false
  const server = createServer((request, response) => {
    void answer(request, response)
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    if (isDown) response.writeHead(503).end('<Error><Message>down</Message></Error>')
    else if (!isSigned(request, body)) response.writeHead(403).end('<Error><Message>no</Message></Error>')
    else serve(request, response, body)
  }

  function serve({ method, url = '' }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { pathname, searchParams } = new URL(url, 'http://s3')
    const key = decodeURIComponent(pathname.replace(/^\/artifacts\/?/, ''))
    if (key === '') return list(searchParams, response)
    const found = objects.get(key)
    if (method === 'PUT') {
      objects.set(key, body)
      response.end()
    } else if (method === 'DELETE') {
      objects.delete(key)
      response.writeHead(204).end()
    } else if (found) {
      response.end(found)
    } else {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
    }
  }

  /** Two keys a page, so that pages are gone through. */
  function list(query: URLSearchParams, response: ServerResponse): void {
    const after = query.get('continuation-token') ?? ''
    const rest = [...objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .toSorted()
    const page = rest.slice(0, 2)
    const contents = page.map(
      (key) =>
        `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${objects.get(key)?.length}</Size></Contents>`,
    )
    const next = rest.length > 2 ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    response.end(
      `<ListBucketResult><IsTruncated>${rest.length > 2}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    )
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `s3://artifacts/team/prod?endpoint=127.0.0.1:${port}&region=eu-west-1&insecure=true`,
    objects,
    setDown: (value) => {
      isDown = value
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function isSigned({ method, url, headers }: IncomingMessage, body: Buffer): boolean {
  const time = String(headers['x-amz-date'])
  const now = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  const expected = signAws(
    {
      method: method as 'GET',
      url: new URL(url ?? '', `http://${headers.host}`),
      region: 'eu-west-1',
      service: 's3',
      now,
      body,
    },
    s3Credentials,
  )
  const isWhole = headers['x-amz-content-sha256'] === createHash('sha256').update(body).digest('hex')
  return isWhole && headers.authorization === expected['authorization']
}
