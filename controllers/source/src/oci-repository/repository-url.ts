import { GoError, parseGoUrl, quote } from '@sluice/go'
import { OciError, type OciRepositoryName, parseOciReference } from '@sluice/oci'
import { ToolkitError } from '@sluice/ports'

const repositoryChars = 'abcdefghijklmnopqrstuvwxyz0123456789_-./'
const lengths = { min: 2, max: 255 }
/** Hexadecimal digits of digests. */
const hexDigits: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/**
 * The repository that `spec.url` names, or what is wrong with it.
 *
 * Source: fluxcd/source-controller, parseRepository; go-containerregistry pkg/name.
 */
export function repositoryOfUrl(url: string): OciRepositoryName | ToolkitError {
  if (!url.startsWith('oci://')) return invalid("URL must be in format 'oci://<domain>/<org>/<repo>'")
  const name = url.slice('oci://'.length)
  if (name === '') return invalid('a repository name must be specified')
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const repository = hasHost ? name.slice(slash + 1) : name
  const problem = repositoryProblem(repository) ?? (hasHost ? registryProblem(first) : undefined)
  if (problem !== undefined) return invalid(problem)
  try {
    return parseOciReference(name)
  } catch (error) {
    if (error instanceof OciError) return error
    throw error
  }
}

/** What is wrong with a digest; nothing when it is one. Source: go-containerregistry pkg/v1, Hash. */
export function digestProblem(digest: string): string | undefined {
  const [, algorithm = '', hex = ''] = /^([^:]+):(.+)$/.exec(digest) ?? []
  if (algorithm === '') return `cannot parse hash: ${quote(digest)}`
  const other = hex.replace(/^[0-9a-f]+/, '')
  if (other !== '') return `found non-hex character in hash: ${Array.from(other)[0]}`
  const digits = Object.hasOwn(hexDigits, algorithm) ? hexDigits[algorithm] : undefined
  if (digits === undefined) return `unsupported hash: ${quote(algorithm)}`
  return hex.length === digits ? undefined : `wrong number of hex digits for ${algorithm}: ${hex}`
}

function repositoryProblem(repository: string): string | undefined {
  const { length } = Array.from(repository)
  if (length < lengths.min || length > lengths.max) {
    return `repository must be between ${lengths.min} and ${lengths.max} characters in length: ${repository}`
  }
  const isAllowed = Array.from(repository).every((char) => repositoryChars.includes(char))
  return isAllowed
    ? undefined
    : `repository can only contain the characters \`${repositoryChars}\`: ${repository}`
}

function registryProblem(registry: string): string | undefined {
  const problem = `registries must be valid RFC 3986 URI authorities: ${registry}`
  try {
    return parseGoUrl(`//${registry}`).host === registry ? undefined : problem
  } catch (error) {
    if (error instanceof GoError) return problem
    throw error
  }
}

function invalid(why: string): ToolkitError {
  return new ToolkitError('URL_INVALID', why)
}
