import { errorChain, type HttpRequest } from '@sluice/ports'
import { type FakeResponse, fakeHttp } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { assumeRoleWithLdap, azureContainer, type BucketClient, gcsBucket, s3Bucket } from '../src/index.ts'

const credentials = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const connection = (answer: Parameters<typeof fakeHttp>[0]) => {
  const http = fakeHttp(answer)
  const { signal } = new AbortController()
  return { http, signal, timeoutMs: 1000, now: () => Date.UTC(2013, 4, 24) }
}
const s3 = (answer: Parameters<typeof fakeHttp>[0]) => {
  const options = connection(answer)
  const bucket = s3Bucket({ ...options, endpoint: 'minio:9000', bucket: 'apps', insecure: true, credentials })
  return { bucket, requests: options.http.requests }
}
const keys = async (bucket: BucketClient, prefix = ''): Promise<string[]> => {
  const found: string[] = []
  for await (const { key, etag } of bucket.list(prefix)) found.push(`${key} ${etag}`)
  return found
}
const failure = (work: Promise<unknown>): Promise<string> => work.then(String, errorChain)
const contents = (...names: string[]): string =>
  names
    .map((name) => `<Contents><Key>${name}</Key><ETag>&quot;e-${name}&quot;</ETag><Size>3</Size></Contents>`)
    .join('')

describe('S3', () => {
  test('lists all pages and reads keys as they are', async () => {
    const { bucket, requests } = s3(({ url }) =>
      url.includes('continuation-token')
        ? { status: 200, body: `<IsTruncated>false</IsTruncated>${contents('c%2Bd+e')}` }
        : {
            status: 200,
            body: `<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b=</NextContinuationToken>${contents('a', 'b')}`,
          },
    )
    expect(await keys(bucket, 'app/')).toEqual(['a e-a', 'b e-b', 'c+d e e-c%2Bd+e'])
    expect(requests[1]?.url).toBe(
      'http://minio:9000/apps/?encoding-type=url&list-type=2&prefix=app%2F&continuation-token=a%26b%3D',
    )
  })

  test('gets objects by any key', async () => {
    const { bucket, requests } = s3(() => ({ status: 200, headers: { etag: '"1"' }, body: 'x' }))
    expect(await bucket.get('a b/c+d(1)', { maxBytes: 10 })).toMatchObject({ etag: '1' })
    expect(requests[0]?.url).toBe('http://minio:9000/apps/a%20b/c%2Bd%281%29')
  })

  test('goes to the region that the store names', async () => {
    const { bucket, requests } = s3(({ headers }) =>
      String(headers?.['authorization']).includes('/eu-west-1/')
        ? { status: 200 }
        : { status: 400, body: '<Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>' },
    )
    expect(await bucket.exists()).toBe(true)
    expect(requests).toHaveLength(2)
  })

  test("Amazon's own buckets have a host each", async () => {
    const options = connection(() => ({ status: 200 }))
    await s3Bucket({ ...options, endpoint: 's3.amazonaws.com', bucket: 'apps' }).exists()
    expect(options.http.requests[0]).toMatchObject({ headers: {} })
    expect(options.http.requests[0]?.url).toMatch(/^https:\/\/apps\.s3\.amazonaws\.com\/\?/)
  })

  test('says what the store says', async () => {
    expect(await s3(() => ({ status: 404, body: '<Code>NoSuchBucket</Code>' })).bucket.exists()).toBe(false)
    const denied = s3(() => ({ status: 403, body: '<Error><Message>Access Denied.</Message></Error>' }))
    expect(await failure(denied.bucket.exists())).toBe('Access Denied.')
    expect(await failure(s3(() => ({ status: 404 })).bucket.get('x', { maxBytes: 1 }))).toBe(
      'The specified key does not exist.',
    )
  })

  test.for([
    ['<Contents><Size>1</Size></Contents>', 'malformed'],
    ['<Contents><Key>%</Key></Contents>', 'malformed'],
    ['<Contents><Key>a</Key><Size>x</Size></Contents>', 'malformed'],
  ] as const)('the listing %s is refused', async ([body, message]) => {
    expect(await failure(keys(s3(() => ({ status: 200, body })).bucket))).toContain(message)
  })

  test.for(['../other/secret', 'a/../../b', '.', 'a/./b', ''])('the key %j is not asked for', async (key) => {
    const { bucket, requests } = s3(() => ({ status: 200 }))
    expect(await failure(bucket.get(key, { maxBytes: 10 }))).toContain('cannot be asked for')
    expect(requests).toEqual([])
  })

  test('temporary credentials come from LDAP', async () => {
    const options = connection(({ body }) =>
      typeof body === 'string' && body.includes('LDAPPassword=pw')
        ? {
            status: 200,
            body: '<AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken>',
          }
        : { status: 403, body: '<Message>no</Message>' },
    )
    const login = { endpoint: 'https://sts.test', username: 'me', password: 'pw' }
    expect(await assumeRoleWithLdap(login, options)).toEqual({
      accessKey: 'a',
      secretKey: 'b',
      sessionToken: 'c',
    })
    expect(await failure(assumeRoleWithLdap({ ...login, password: 'x' }, options))).toBe('STS: no')
  })
})

const answer = ({ url, headers }: HttpRequest): FakeResponse => {
  if (headers?.['authorization'] !== 'Bearer granted') {
    return { status: 401, body: '{"error":{"message":"no"}}' }
  }
  if (url.includes('alt=media')) return { status: 200, headers: { etag: 'E' }, body: 'x' }
  if (url.includes('pageToken')) {
    return { status: 200, body: '{"items":[{"name":"b","etag":"2","size":"1"}]}' }
  }
  return { status: 200, body: '{"items":[{"name":"a","etag":"1","size":"1"}],"nextPageToken":"n"}' }
}

const blob = (name: string): string =>
  `<Blob><Name>${name}</Name><Properties><Etag>0x1</Etag><Content-Length>1</Content-Length></Properties></Blob>`

describe('Google Cloud Storage', () => {
  test('lists and gets with a token', async () => {
    let asked = 0
    const fetchToken = (): Promise<string> => {
      asked += 1
      return Promise.resolve('granted')
    }
    const bucket = gcsBucket({ ...connection(answer), endpoint: 'storage.test', bucket: 'apps', fetchToken })
    expect(await bucket.exists()).toBe(true)
    expect(await keys(bucket)).toEqual(['a 1', 'b 2'])
    expect(await bucket.get('a/b', { maxBytes: 10 })).toMatchObject({ etag: 'E' })
    expect(asked).toBe(1)
  })

  test('says what Google says', async () => {
    const bucket = gcsBucket({ ...connection(answer), endpoint: 'storage.test', bucket: 'apps' })
    expect(await failure(bucket.exists())).toBe('googleapi: Error 401: no')
  })
})

describe('Azure Blob Storage', () => {
  test('lists and gets with the account key or a shared access signature', async () => {
    const options = connection(({ url }) =>
      url.includes('marker=')
        ? { status: 200, body: `${blob('b')}<NextMarker />` }
        : { status: 200, body: `${blob('a')}<NextMarker>m</NextMarker>` },
    )
    const endpoint = 'https://account.blob.test'
    const key = { kind: 'accountKey', key: Buffer.from('key').toString('base64') } as const
    expect(await keys(azureContainer({ ...options, endpoint, container: 'apps', credentials: key }))).toEqual(
      ['a 0x1', 'b 0x1'],
    )
    expect(options.http.requests[0]?.headers?.['authorization']).toMatch(/^SharedKey account:/)
    const sas = { kind: 'sas', query: '?sig=s%2B1&se=2' } as const
    await azureContainer({ ...options, endpoint, container: 'apps', credentials: sas }).get('x/y', {
      maxBytes: 9999,
    })
    expect(options.http.requests.at(-1)?.url).toBe('https://account.blob.test/apps/x/y?sig=s%2B1&se=2')
  })

  test('says what Azure says', async () => {
    const options = connection(() => ({ status: 403, body: '<Message>Not allowed.\nRequestId:1</Message>' }))
    const bucket = azureContainer({ ...options, endpoint: 'https://a.test', container: 'apps' })
    expect(await failure(bucket.exists())).toBe('Not allowed.')
  })
})
