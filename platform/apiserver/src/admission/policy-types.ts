import {
  boolType,
  type CelType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  type TypeProvider,
  timestampType,
} from '@sluice/cel'
import { type DeclType, declaredFields, declareType, type StructuralSchema } from '@sluice/schema'

type Fields = Readonly<Record<string, CelType>>

const texts = mapType(stringType, stringType)
const groupKind = { group: stringType, version: stringType, kind: stringType }
const groupResource = { group: stringType, version: stringType, resource: stringType }

/**
 * What policies see besides the objects of a request.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
 */
const known: Readonly<Record<string, Fields>> = {
  'kubernetes.GroupVersionKind': groupKind,
  'kubernetes.GroupVersionResource': groupResource,
  'kubernetes.UserInfo': {
    username: stringType,
    uid: stringType,
    groups: listType(stringType),
    extra: mapType(stringType, listType(stringType)),
  },
  'kubernetes.AdmissionRequest': {
    kind: objectType('kubernetes.GroupVersionKind'),
    resource: objectType('kubernetes.GroupVersionResource'),
    subResource: stringType,
    requestKind: objectType('kubernetes.GroupVersionKind'),
    requestResource: objectType('kubernetes.GroupVersionResource'),
    requestSubResource: stringType,
    name: stringType,
    namespace: stringType,
    operation: stringType,
    userInfo: objectType('kubernetes.UserInfo'),
    dryRun: boolType,
    options: dynType,
  },
  'kubernetes.NamespaceMetadata': {
    name: stringType,
    generateName: stringType,
    namespace: stringType,
    labels: texts,
    annotations: texts,
    UID: stringType,
    creationTimestamp: timestampType,
    deletionGracePeriodSeconds: intType,
    deletionTimestamp: timestampType,
    generation: intType,
    resourceVersion: stringType,
    finalizers: listType(stringType),
  },
  'kubernetes.NamespaceSpec': { finalizers: listType(stringType) },
  'kubernetes.NamespaceStatus': { phase: stringType },
  'kubernetes.Namespace': {
    metadata: objectType('kubernetes.NamespaceMetadata'),
    spec: objectType('kubernetes.NamespaceSpec'),
    status: objectType('kubernetes.NamespaceStatus'),
  },
}

export const requestType: CelType = objectType('kubernetes.AdmissionRequest')
export const namespaceType: CelType = objectType('kubernetes.Namespace')
/** The variables of a policy, by their names. */
export const variablesType: CelType = objectType('kubernetes.variables')

/** A kind as expressions see it; `undefined` for one that they cannot see into. */
export function declareKind(kind: string, schema: StructuralSchema): DeclType | undefined {
  return declareType(schema, false, kind)
}

/** Finds the fields of what policies see: of the variables so far, and of declared kinds. */
export function policyTypes(
  variables: ReadonlyMap<string, CelType>,
  declared: readonly DeclType[],
): TypeProvider {
  const kinds = declared.map(declaredFields)
  return {
    hasType: (name) =>
      name === variablesType.name || Object.hasOwn(known, name) || kinds.some((it) => it.hasType(name)),
    fieldType: (name, field) => {
      if (name === variablesType.name) return variables.get(field)
      const fields = Object.hasOwn(known, name) ? known[name] : undefined
      if (fields) return Object.hasOwn(fields, field) ? fields[field] : undefined
      return kinds.find((it) => it.hasType(name))?.fieldType(name, field)
    },
  }
}
