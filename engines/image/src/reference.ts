import { ImageError } from './image-error.ts'

/** An image reference, complete: what was left out is filled in. */
export type ImageReference = {
  /** As written. */
  readonly text: string
  /** Such as `index.docker.io`. */
  readonly registry: string
  /** Such as `library/alpine`. */
  readonly repository: string
  /** The tag, `latest` where there is none, or the digest. */
  readonly identifier: string
  readonly isDigest: boolean
}

const defaultRegistry = 'index.docker.io'
const tagForm = /^[A-Za-z0-9_.-]{1,128}$/
const repositoryForm = /^[a-z0-9_\-./]{2,255}$/
const digestForm = /^sha256:[0-9a-f]{64}$/
const registryForm = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]+)?$/

/**
 * Reads an image reference such as `alpine`, `ghcr.io/a/b:1.0` or `a/b@sha256:…`.
 *
 * Source: github.com/google/go-containerregistry/pkg/name, ParseReference with weak validation.
 * @throws {ImageError} `IMAGE_REFERENCE_INVALID`
 */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf('@')
  const named = at < 0 ? splitTag(text) : { name: splitTag(text.slice(0, at)).name, tag: text.slice(at + 1) }
  const isDigest = at >= 0
  const identifier = named.tag === '' && !isDigest ? 'latest' : named.tag
  const { registry, repository } = splitRegistry(named.name)
  const valid =
    !(at < 0 && text.endsWith(':')) &&
    (isDigest ? digestForm : tagForm).test(identifier) &&
    repositoryForm.test(repository) &&
    registryForm.test(registry)
  if (!valid) {
    throw new ImageError('IMAGE_REFERENCE_INVALID', `could not parse reference: ${text}`)
  }
  const isOfficial = registry === defaultRegistry && !repository.includes('/')
  return {
    text,
    registry,
    repository: isOfficial ? `library/${repository}` : repository,
    identifier,
    isDigest,
  }
}

/**
 * Reads the name of an image without tag, as an ImageRepository has it.
 *
 * Source: fluxcd/image-reflector-controller 1.2, internal/registry.
 * @throws {ImageError} `IMAGE_REFERENCE_INVALID` in the words of Flux.
 */
export function parseImageName(image: string): Pick<ImageReference, 'registry' | 'repository'> {
  const fail = (what: string): ImageError =>
    new ImageError('IMAGE_REFERENCE_INVALID', `image '${image}' should not include ${what}`)
  const [scheme, afterScheme] = image.split('://')
  if (afterScheme !== undefined) throw fail(`URL scheme; remove '${scheme}://'`)
  const { registry, repository } = parseImageReference(image)
  const [, tag] = (image.startsWith(registry) ? image.slice(registry.length) : image).split(':')
  if (tag !== undefined) throw fail(`a tag; remove ':${tag}'`)
  return { registry, repository }
}

/** The full name of a reference: `index.docker.io/library/alpine:latest`. */
export function imageName({ registry, repository, identifier, isDigest }: ImageReference): string {
  return `${registry}/${repository}${isDigest ? '@' : ':'}${identifier}`
}

/** A colon before the last slash belongs to the registry's port. */
function splitTag(text: string): { readonly name: string; readonly tag: string } {
  const colon = text.lastIndexOf(':')
  if (colon < 0 || text.slice(colon).includes('/')) return { name: text, tag: '' }
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function splitRegistry(name: string): Pick<ImageReference, 'registry' | 'repository'> {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isRegistry = /[.:]/.test(first) || first === 'localhost'
  const registry = isRegistry && first !== 'docker.io' ? first : defaultRegistry
  return { registry, repository: isRegistry ? name.slice(slash + 1) : name }
}
