import { ToolkitError } from '@sluice/ports'
import type { KindDefinition } from './crds/kind-definition.ts'
import type { SchemaNode } from './crds/schema-node.ts'

/** An object is not of the shape that its kind has. */
export class DecodeError extends ToolkitError {
  override readonly name = 'DecodeError'
  /** Where, such as `spec.ref.branch`. */
  readonly path: string

  constructor(path: string, message: string) {
    super('DECODE_FAILED', `${path}: ${message}`)
    this.path = path
  }
}

/**
 * Checks that `value` is an object of `definition`'s kind whose known fields have the types of the schema, so that it may
 * be used as such. Fields that the schema does not know are let through; ranges and patterns are the API server's concern.
 *
 * @throws {DecodeError}
 */
export function checkObject(value: unknown, definition: KindDefinition): void {
  if (!isRecord(value)) throw new DecodeError('', `is not a ${definition.kind}`)
  const { kind, apiVersion, metadata, spec, status } = value
  if (kind !== definition.kind) throw new DecodeError('kind', `is ${String(kind)}, not ${definition.kind}`)
  if (typeof apiVersion !== 'string' || !apiVersion.startsWith(`${definition.group}/`)) {
    throw new DecodeError('apiVersion', `is ${String(apiVersion)}, not of the group ${definition.group}`)
  }
  if (!isRecord(metadata)) throw new DecodeError('metadata', 'is missing')
  const check = checker(definition.storage)
  check(spec, { ...definition.spec, needed: true }, 'spec')
  if (status !== undefined && definition.status) check(status, definition.status, 'status')
}

type Check = (value: unknown, node: SchemaNode, path: string) => void

/** Checks values by the schema of `version`. */
function checker(version: string): Check {
  return check

  function check(value: unknown, node: SchemaNode, path: string): void {
    if (value === undefined || value === null) {
      if (node.needed === true || node.needed?.includes(version)) throw new DecodeError(path, 'is missing')
      return
    }
    switch (node.type) {
      case undefined:
        return
      case 'string':
      case 'boolean':
        if (typeof value !== node.type) throw new DecodeError(path, `is not a ${node.type}`)
        return
      case 'integer':
        if (!Number.isInteger(value)) throw new DecodeError(path, 'is not an integer')
        return
      case 'array':
        checkArray(value, node, path)
        return
      case 'object':
        checkRecord(value, node, path)
    }
  }

  function checkArray(value: unknown, { items }: SchemaNode, path: string): void {
    if (!Array.isArray(value)) throw new DecodeError(path, 'is not a list')
    if (!items) return
    for (const [index, item] of value.entries()) {
      check(item, { ...items, needed: true }, `${path}[${index}]`)
    }
  }

  function checkRecord(value: unknown, { properties, values }: SchemaNode, path: string): void {
    if (!isRecord(value)) throw new DecodeError(path, 'is not an object')
    for (const [name, property] of Object.entries(properties ?? {})) {
      const isKnown = property.only === undefined || property.only.includes(version)
      const field = Object.hasOwn(value, name) ? value[name] : undefined
      check(field, isKnown ? property : { ...property, needed: [] }, `${path}.${name}`)
    }
    if (!values) return
    for (const [key, item] of Object.entries(value)) {
      check(item, { ...values, needed: true }, `${path}.${key}`)
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
