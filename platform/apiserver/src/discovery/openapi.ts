import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '@sluice/ports'
import type { Registry } from '../registry/registry.ts'
import { kubernetesVersion } from './discovery.ts'
import { pathsOf, type Style, schemasOf } from './openapi-schemas.ts'

type Document = { readonly generation: number; readonly body: JsonObject; readonly hash: string }

/** A document, or where the present one is. `etag` changes with its content; one that is named by its hash never does. */
export type OpenApiAnswer =
  | { readonly body: object; readonly etag: string; readonly isImmutable: boolean }
  | { readonly location: string }

// Documents are large and asked for rarely; each server keeps its own until its resources change.
const documents = new WeakMap<Registry, Map<string, Document>>()
const v2 = 'openapi/v2'

/**
 * The answer to an OpenAPI path, of version 2 or 3; `undefined` when the path is none.
 *
 * Source: OpenAPI 2.0 and 3.0, as clients of Kubernetes read them
 */
export function openApiAnswer(
  registry: Registry,
  path: string,
  wantedHash: string | undefined,
): OpenApiAnswer | undefined {
  const [root, version, ...rest] = path.split('/').filter((it) => it !== '')
  if (root !== 'openapi') return undefined
  if (version === 'v2' && rest.length === 0) return answer(document(registry, v2))
  if (version !== 'v3') return undefined
  if (rest.length === 0) return answer(document(registry, indexKey))
  const key = rest.join('/')
  if (!groupVersions(registry).includes(key)) return undefined
  const found = document(registry, key)
  if (wantedHash === undefined || wantedHash === '') return answer(found)
  return wantedHash === found.hash
    ? { ...answer(found), isImmutable: true }
    : { location: `/openapi/v3/${key}?hash=${found.hash}` }
}

function answer({ body, hash }: Document): Extract<OpenApiAnswer, { readonly body: object }> {
  return { body, etag: JSON.stringify(hash), isImmutable: false }
}

const indexKey = ''

function groupVersions(registry: Registry): string[] {
  const groups = registry.groups().flatMap(({ name, versions }) => versions.map((it) => `apis/${name}/${it}`))
  return ['api/v1', ...groups]
}

function index(registry: Registry): JsonObject {
  const paths = groupVersions(registry).map((key) => [
    key,
    { serverRelativeURL: `/openapi/v3/${key}?hash=${document(registry, key).hash}` },
  ])
  return { paths: Object.fromEntries(paths) as JsonObject }
}

function document(registry: Registry, key: string): Document {
  let known = documents.get(registry)
  if (!known) documents.set(registry, (known = new Map()))
  const before = known.get(key)
  const isOfCustom = key === v2 || key === indexKey || registry.hasCustom(key)
  if (before && (before.generation === registry.generation || !isOfCustom)) return before
  const body =
    key === v2 ? swagger(registry) : key === indexKey ? index(registry) : groupDocument(registry, key)
  const hash = createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase()
  const made = { generation: registry.generation, body, hash }
  known.set(key, made)
  return made
}

const info = { title: 'Kubernetes', version: kubernetesVersion.gitVersion }

function groupDocument(registry: Registry, key: string): JsonObject {
  const parts = key.split('/')
  const group = parts.length === 2 ? '' : (parts[1] ?? '')
  const resources = registry.inGroupVersion(group, parts.at(-1) ?? '')
  return {
    openapi: '3.0.0',
    info,
    paths: merged(resources.map((it) => pathsOf(it, `/${key}`, 'v3'))),
    components: { schemas: schemasOf(resources, 'v3') },
  }
}

function swagger(registry: Registry): JsonObject {
  const resources = registry.all()
  const style: Style = 'v2'
  return {
    swagger: '2.0',
    info,
    paths: merged(resources.map((it) => pathsOf(it, rootOf(it), style))),
    definitions: schemasOf(resources, style),
  }
}

function merged(parts: readonly JsonObject[]): JsonObject {
  const result: Record<string, JsonValue | undefined> = {}
  for (const part of parts) Object.assign(result, part)
  return result
}

function rootOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}
