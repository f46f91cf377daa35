import { fromPlain, type PlainValue, parsePlain, printTree } from '@sluice/yaml'
import { parseRepoUrl } from '../loading/repo-url.ts'
import { originAnnotation, transformationsAnnotation } from '../resource/build-annotations.ts'
import type { Resource } from '../resource/resource.ts'

/** Where a resource comes from, or what has changed it. */
export type Origin = {
  readonly path?: string
  readonly repo?: string
  readonly ref?: string
  readonly configuredIn?: string
  readonly configuredBy?: {
    readonly apiVersion?: string
    readonly kind?: string
    readonly name?: string
    readonly namespace?: string
  }
}

/** The origin of what `path` names, seen from `origin`. */
export function originBelow(origin: Origin, path: string): Origin {
  const remote = parseRepoUrl(path)
  if (remote) {
    return {
      ...origin,
      repo: remote.repo,
      ...(remote.ref === '' ? {} : { ref: remote.ref }),
      path: cleanPath(remote.path),
    }
  }
  return { ...origin, path: cleanPath(origin.path ? `${origin.path}/${path}` : path) }
}

/** Origin of what a built-in generator or transformer has done. */
export function builtInOrigin({ path = '', repo, ref }: Origin, file: string, kind: string): Origin {
  return {
    ...(repo === undefined ? {} : { repo }),
    ...(ref === undefined ? {} : { ref }),
    configuredIn: cleanPath(`${path}/${file}`.replace(/^\//, '')),
    configuredBy: { apiVersion: 'builtin', kind },
  }
}

/** Origin of what a plugin has done that `resource` configures; nothing when that has no origin itself. */
export function pluginOrigin(resource: Resource): Origin | undefined {
  const origin = readOrigin(resource)
  if (!origin) return undefined
  const { repo, ref, path } = origin
  return {
    ...(repo === undefined ? {} : { repo }),
    ...(ref === undefined ? {} : { ref }),
    ...(path === undefined ? {} : { configuredIn: path }),
    configuredBy: {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      name: resource.name,
      ...(resource.namespace === '' ? {} : { namespace: resource.namespace }),
    },
  }
}

export function setOrigin(resource: Resource, origin: Origin): void {
  resource.setAnnotations(new Map([...resource.annotations, [originAnnotation, printOrigin(origin)]]))
}

export function hasOrigin(resource: Resource): boolean {
  return resource.annotations.has(originAnnotation)
}

/** Notes that a transformer has changed a resource; one without an origin has it from the transformer. */
export function addTransformation(resource: Resource, origin: Origin): void {
  const { annotations } = resource
  if (!annotations.has(originAnnotation)) return setOrigin(resource, origin)
  const before = annotations.get(transformationsAnnotation) ?? ''
  const item = printTree(fromPlain([orderedOrigin(origin)]))
  resource.setAnnotations(new Map([...annotations, [transformationsAnnotation, before + item]]))
}

/** Where a resource comes from, if its origin was tracked. */
export function readOrigin(resource: Resource): Origin | undefined {
  const text = resource.annotations.get(originAnnotation)
  if (text === undefined) return undefined
  const value = parsePlain(text)
  return typeof value === 'object' && value !== null ? (value as Origin) : {}
}

function printOrigin(origin: Origin): string {
  return printTree(fromPlain(orderedOrigin(origin)))
}

/** Fields in the order in which kustomize prints them. */
function orderedOrigin({ path, repo, ref, configuredIn, configuredBy }: Origin): {
  [key: string]: PlainValue
} {
  const by = configuredBy ?? {}
  return compact({
    path: path ?? '',
    repo: repo ?? '',
    ref: ref ?? '',
    configuredIn: configuredIn ?? '',
    configuredBy: compact({
      apiVersion: by.apiVersion ?? '',
      kind: by.kind ?? '',
      name: by.name ?? '',
      namespace: by.namespace ?? '',
    }),
  })
}

function compact(value: { [key: string]: PlainValue }): { [key: string]: PlainValue } {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, it]) => it !== '' && !(typeof it === 'object' && it !== null && Object.keys(it).length === 0),
    ),
  )
}

/** Cleans as Go's filepath.Clean does. */
function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/') || '.'
}
