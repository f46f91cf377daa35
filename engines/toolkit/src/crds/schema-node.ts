import type { JsonObject, JsonValue } from '@sluice/ports'

/** A CEL rule over `self`, and what to say when it does not hold. */
export type ValidationRule = {
  readonly rule: string
  readonly message: string
  /** Versions that have the fields it speaks of; all when absent. */
  readonly only?: readonly string[]
}

/**
 * A structural schema in all versions of a kind at once. Rendered for one of them by {@link renderSchema}; keys that are
 * not ours keep their OpenAPI names and meaning.
 */
export type SchemaNode = {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly default?: JsonValue
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly values?: SchemaNode
  /** Keeps fields that the schema does not know. */
  readonly open?: boolean
  readonly listType?: 'map' | 'set' | 'atomic'
  readonly mapType?: 'atomic'
  readonly listMapKeys?: readonly string[]
  readonly rules?: readonly ValidationRule[]
  /** Versions that know the property; all when absent. The storage version keeps every property. */
  readonly only?: readonly string[]
  /** Whether the property must be there: in all versions that know it, or in these. */
  readonly needed?: true | readonly string[]
}

type Constraints = Omit<SchemaNode, 'type' | 'description'>

export function text(description: string, constraints: Constraints = {}): SchemaNode {
  return { type: 'string', description, ...constraints }
}

export function flag(description: string, constraints: Constraints = {}): SchemaNode {
  return { type: 'boolean', description, ...constraints }
}

export function whole(description: string, constraints: Constraints = {}): SchemaNode {
  return { type: 'integer', description, ...constraints }
}

export function list(description: string, items: SchemaNode, constraints: Constraints = {}): SchemaNode {
  return { type: 'array', description, items, ...constraints }
}

export function map(description: string, values: SchemaNode, constraints: Constraints = {}): SchemaNode {
  return { type: 'object', description, values, ...constraints }
}

export function record(
  description: string,
  properties: Readonly<Record<string, SchemaNode>>,
  constraints: Constraints = {},
): SchemaNode {
  return { type: 'object', description, properties, ...constraints }
}

/** The property must be there, in all versions or in those named. */
export function needed(node: SchemaNode, versions: true | readonly string[] = true): SchemaNode {
  return { ...node, needed: versions }
}

/** The property exists in these versions only. */
export function only(versions: readonly string[], node: SchemaNode): SchemaNode {
  return { ...node, only: versions }
}

/** The schema of `version` as OpenAPI v3. The storage version also carries, as optional, what only others know. */
export function renderSchema(node: SchemaNode, version: string, storage: string): JsonObject {
  return render(node, { version, isStorage: version === storage })
}

type Target = {
  readonly version: string
  readonly isStorage: boolean
  /** Within a property that the version itself does not know: nothing is defaulted there. */
  readonly isForeign?: boolean
}

function render(node: SchemaNode, target: Target): JsonObject {
  const { properties, items, values, open, listType, mapType, listMapKeys, rules, ...rest } = node
  const { only: _, needed: __, default: defaultValue, ...plain } = rest
  const known = Object.entries(properties ?? {}).filter(([, it]) => target.isStorage || knows(it, target))
  const required = known.filter(([, it]) => isNeeded(it, target)).map(([name]) => name)
  return {
    ...plain,
    ...(defaultValue !== undefined && !target.isForeign && { default: defaultValue }),
    ...(properties && {
      properties: Object.fromEntries(known.map(([name, it]) => [name, render(it, targetOf(it, target))])),
    }),
    ...(required.length > 0 && { required }),
    ...(items && { items: render(items, target) }),
    ...(values && { additionalProperties: render(values, target) }),
    ...(open && { 'x-kubernetes-preserve-unknown-fields': true }),
    ...(listType && { 'x-kubernetes-list-type': listType }),
    ...(mapType && { 'x-kubernetes-map-type': mapType }),
    ...(listMapKeys && { 'x-kubernetes-list-map-keys': listMapKeys }),
    ...renderRules(rules, target),
  }
}

function renderRules(rules: readonly ValidationRule[] = [], { version }: Target): JsonObject {
  const known = rules.filter((it) => !it.only || it.only.includes(version))
  if (known.length === 0) return {}
  return { 'x-kubernetes-validations': known.map(({ rule, message }) => ({ rule, message })) }
}

function knows({ only: versions }: SchemaNode, { version }: Target): boolean {
  return !versions || versions.includes(version)
}

function isNeeded(node: SchemaNode, target: Target): boolean {
  if (!knows(node, target)) return false
  return node.needed === true || (node.needed?.includes(target.version) ?? false)
}

function targetOf(node: SchemaNode, target: Target): Target {
  return knows(node, target) ? target : { ...target, isForeign: true }
}
