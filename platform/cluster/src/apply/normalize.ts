import { type JsonObject, type JsonValue, type KubeObject, parseApiVersion } from '@sluice/ports'
import { applyDefaults, builtinSchema, dropNulls, prune } from '@sluice/schema'

/** Groups that Go's client has no types for: their objects pass as they are. */
const untypedGroups = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

/**
 * The object as it is after a passage through Go's typed client, which Flux's goes through before it is applied:
 *
 * - fields that a built-in kind does not have are gone, structures that it always has are there, if empty; which decides
 *   what fields the applier comes to own;
 * - ports name their protocol, without which server-side apply finds no key to tell them apart by;
 * - `stringData` of Secrets is in `data`, since the server would not give up the fields of the former;
 * - status is not applied.
 *
 * Source: fluxcd/pkg ssa/normalize, and Kubernetes issues 130 of structured-merge-diff and 108008 of kubernetes.
 */
export function normalizeObject(object: KubeObject): KubeObject {
  const { group, version } = parseApiVersion(object.apiVersion)
  const isCrd = object.kind === 'CustomResourceDefinition' && untypedGroups.has(group)
  const schema = untypedGroups.has(group) ? undefined : builtinSchema({ group, version, kind: object.kind })
  if (!schema) return isCrd ? object : withoutStatus(object)

  const source = object.kind === 'Secret' ? foldStringData(object) : object
  // Objects are JSON: that is what built them.
  const { value } = prune(withoutStatus(source) as unknown as JsonValue, schema, { isResource: true })
  const typed = applyDefaults(dropNulls(value, schema), schema) as unknown as KubeObject
  return withoutStatus(object.kind === 'Service' ? withTargetPorts(typed) : typed)
}

function withoutStatus(object: KubeObject): KubeObject {
  const { creationTimestamp: _, ...metadata } = object.metadata
  const { status: __, ...rest } = object
  return { ...rest, metadata: withoutEmpty(metadata) }
}

function withoutEmpty(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const { labels, annotations, ...rest } = metadata
  return {
    ...rest,
    ...(labels && Object.keys(labels).length > 0 && { labels }),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
  }
}

function foldStringData(secret: KubeObject): KubeObject {
  const { stringData, data, ...rest } = secret
  if (typeof stringData !== 'object' || stringData === null) return secret
  const folded = Object.entries(stringData).map(
    ([key, value]) => [key, Buffer.from(String(value), 'utf8').toString('base64')] as const,
  )
  return {
    ...rest,
    data: { ...(data as JsonObject | undefined), ...Object.fromEntries(folded) },
  }
}

/** A port without target has 0 in Go; the server puts the port itself in its place. */
function withTargetPorts(service: KubeObject): KubeObject {
  const spec = service['spec'] as JsonObject | undefined
  const ports = spec?.['ports']
  if (!Array.isArray(ports)) return service
  const targeted = (ports as readonly JsonObject[]).map((port) =>
    port['targetPort'] === undefined ? { ...port, targetPort: 0 } : port,
  )
  return { ...service, spec: { ...spec, ports: targeted } }
}
