import { parseOciReference } from '@sluice/oci'
import { ToolkitError } from '@sluice/ports'
import { BlobError } from './blob-error.ts'

/** Where blobs are kept. */
export type BlobPlace =
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** Empty, or with a slash at its end. */
      readonly prefix: string
      /** Host and port. */
      readonly endpoint: string
      readonly region: string | undefined
      readonly insecure: boolean
    }
  | {
      readonly kind: 'oci'
      readonly registry: string
      readonly repository: string
      readonly insecure: boolean
      /** The cloud that gives credentials; those of Docker's configuration when absent. */
      readonly provider: 'aws' | 'azure' | 'gcp' | undefined
    }

const form =
  's3://bucket[/prefix][?endpoint=host:port&region=name&insecure=true] or ' +
  'oci://registry/repository[?insecure=true&provider=aws|azure|gcp]'

/** Reads `--storage-blob-url`. @throws {BlobError} `BLOB_URL` */
export function parseBlobUrl(text: string): BlobPlace {
  const [, scheme, where = '', query = ''] = /^(s3|oci):\/\/([^?#]+)(?:\?([^#]*))?$/.exec(text) ?? []
  const parameters = new URLSearchParams(query)
  if (scheme === 's3') return bucketOf(where, parameters)
  if (scheme !== 'oci') throw malformed(`it is to be ${form}`)
  requireKnown(parameters, ['insecure', 'provider'])
  const provider = providerOf(parameters)
  return { kind: 'oci', ...repositoryOf(where), insecure: isInsecure(parameters), provider }
}

function bucketOf(where: string, parameters: URLSearchParams): BlobPlace {
  requireKnown(parameters, ['endpoint', 'region', 'insecure'])
  const [bucket = '', ...rest] = where.split('/').filter((part) => part !== '')
  const isBucket = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)
  if (!isBucket) throw malformed(`no bucket is named '${bucket}'`)
  if (rest.some((part) => part === '.' || part === '..')) throw malformed('the prefix climbs')
  return {
    kind: 's3',
    bucket,
    prefix: rest.map((part) => `${part}/`).join(''),
    endpoint: parameters.get('endpoint') || 's3.amazonaws.com',
    region: parameters.get('region') || undefined,
    insecure: isInsecure(parameters),
  }
}

function isInsecure(parameters: URLSearchParams): boolean {
  return parameters.get('insecure') === 'true'
}

function repositoryOf(where: string): { readonly registry: string; readonly repository: string } {
  try {
    const { registry, repository, tag, digest } = parseOciReference(where)
    if (tag === undefined && digest === undefined) return { registry, repository }
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw malformed(cause.message)
  }
  throw malformed('it names a tag or a digest')
}

function providerOf(parameters: URLSearchParams): 'aws' | 'azure' | 'gcp' | undefined {
  const provider = parameters.get('provider') ?? undefined
  if (provider === undefined || provider === 'aws' || provider === 'azure' || provider === 'gcp') {
    return provider
  }
  throw malformed(`no provider is named '${provider}'`)
}

function requireKnown(parameters: URLSearchParams, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw malformed(`no parameter is named '${name}'`)
  }
}

function malformed(why: string): BlobError {
  return new BlobError('BLOB_URL', `invalid address of a blob store: ${why}`)
}
