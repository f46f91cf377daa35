import { OciError } from './oci-error.ts'

/** A place in a registry, without tag or digest. */
export type OciRepositoryName = {
  /** Host and port, as the user wrote them; Docker Hub is `index.docker.io`. */
  readonly registry: string
  readonly repository: string
}

/** A repository with what is meant of it. Without tag and digest that is the tag `latest`. */
export type OciReference = OciRepositoryName & { readonly tag?: string; readonly digest?: string }

const maxRepositoryLength = 255
const repositoryPattern = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/**
 * Parses `[oci://]host[:port]/path[:tag][@digest]`. A first part without dot, colon or the name `localhost` is no host but
 * part of a name on Docker Hub.
 *
 * @throws {OciError} `OCI_INVALID_REFERENCE`
 */
export function parseOciReference(text: string): OciReference {
  const [name = '', digest] = text.replace(/^oci:\/\//, '').split('@')
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const rest = hasHost ? name.slice(slash + 1) : name
  const [path = '', tag, ...more] = rest.split(':')
  const registry = hasHost && first !== 'docker.io' ? first : 'index.docker.io'
  const repository = registry === 'index.docker.io' && !path.includes('/') ? `library/${path}` : path
  const isValid =
    more.length === 0 &&
    isOciRepository(repository) &&
    (tag === undefined || tagPattern.test(tag)) &&
    (digest === undefined || digestPattern.test(digest))
  if (!isValid) throw new OciError('OCI_INVALID_REFERENCE', `could not parse reference: ${text}`)
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** `host/path:tag@digest`. */
export function formatOciReference({ registry, repository, tag, digest }: OciReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/**
 * Whether a registry is talked to in plain HTTP: where the user says so, and for this machine and private networks, as
 * go-containerregistry has it.
 */
export function isPlainHttp(registry: string, insecure: boolean): boolean {
  const host = registry.replace(/:\d+$/, '')
  const isPrivate = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+$/.test(host)
  return (
    insecure ||
    isPrivate ||
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^127\.|^\[::1\]$/.test(host)
  )
}

/** Whether `text` is the name of a repository, without host. */
export function isOciRepository(text: string): boolean {
  return text.length <= maxRepositoryLength && repositoryPattern.test(text)
}

export function isOciTag(text: string): boolean {
  return tagPattern.test(text)
}

export function isOciDigest(text: string): boolean {
  return digestPattern.test(text)
}
