import type { JsonObject } from '@sluice/ports'
import { kubernetesDefinitions } from '../generated/kubernetes.ts'
import { StructuralSchema } from '../structural/structural-schema.ts'
import { type Definitions, decodeDefinitions } from './decode.ts'

export type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string }

/** The built-in types of Kubernetes 1.36, read when they are first asked for. */
export type BuiltinSchemas = {
  /** The schema of a kind, such as `{ group: 'apps', version: 'v1', kind: 'Deployment' }`. */
  readonly find: (gvk: GroupVersionKind) => StructuralSchema | undefined
  /** The schema of a definition, such as `io.k8s.api.core.v1.PodSpec`. */
  readonly definition: (name: string) => StructuralSchema | undefined
  /** Names of all definitions, sorted. */
  readonly names: () => readonly string[]
}

// What holds any JSON although its definition says less.
const free = new Set([
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch',
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
])
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'

export function builtinSchemas(): BuiltinSchemas {
  let definitions: Definitions | undefined
  let byKind: Map<string, string> | undefined
  const schemas = new Map<string, StructuralSchema>()
  const read = (): Definitions => {
    definitions ??= decodeDefinitions(kubernetesDefinitions)
    return definitions
  }
  const definition = (name: string): StructuralSchema | undefined => {
    const known = schemas.get(name)
    if (known) return known
    const source = read().get(name)
    if (!source) return undefined
    const schema = new StructuralSchema(extend(name, source), { resolve: definition, definition: name })
    schemas.set(name, schema)
    return schema
  }
  return {
    definition,
    find: (gvk) => {
      byKind ??= indexByKind(read())
      const name = byKind.get(keyOf(gvk))
      return name === undefined ? undefined : definition(name)
    },
    names: () => read().names,
  }
}

const shared: BuiltinSchemas = builtinSchemas()

/** The schema of a built-in kind of Kubernetes 1.36; `undefined` for any other. */
export function builtinSchema(gvk: GroupVersionKind): StructuralSchema | undefined {
  return shared.find(gvk)
}

/** The schema of a definition by its OpenAPI name, such as `io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`. */
export function builtinDefinition(name: string): StructuralSchema | undefined {
  return shared.definition(name)
}

/** All OpenAPI names that {@link builtinDefinition} knows, sorted. */
export function builtinDefinitionNames(): readonly string[] {
  return shared.names()
}

function extend(name: string, source: JsonObject): JsonObject {
  if (free.has(name)) return { ...source, 'x-kubernetes-preserve-unknown-fields': true }
  if (name === quantity) return { ...source, 'x-kubernetes-int-or-string': true }
  return source
}

function indexByKind(definitions: Definitions): Map<string, string> {
  const out = new Map<string, string>()
  for (const name of definitions.names) {
    const kinds = definitions.get(name)?.['x-kubernetes-group-version-kind']
    if (!Array.isArray(kinds)) continue
    for (const gvk of kinds as GroupVersionKind[]) out.set(keyOf(gvk), name)
  }
  return out
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`
}
