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

/** Throws unless a value is an object of one kind. */
export type ObjectCheck = (value: unknown) => void

/**
 * A check whether a value is an object of `definition`'s kind whose known fields have the types of the schema, so that it
 * may be used as such. Fields that the schema does not know are let through; ranges and patterns are the API server's
 * concern. The schema is compiled once: make the check once, too.
 *
 * @throws {DecodeError} from the check.
 */
export function objectCheck(definition: KindDefinition): ObjectCheck {
  const { kind: wantedKind, group, storage } = definition
  const checkSpec = compile({ ...definition.spec, needed: true }, storage)
  const checkStatus = definition.status && compile(definition.status, storage)

  return (value) => {
    if (!isRecord(value)) throw new DecodeError('', `is not a ${wantedKind}`)
    const { kind, apiVersion, metadata, spec, status } = value
    if (kind !== wantedKind) throw new DecodeError('kind', `is ${String(kind)}, not ${wantedKind}`)
    if (typeof apiVersion !== 'string' || !apiVersion.startsWith(`${group}/`)) {
      throw new DecodeError('apiVersion', `is ${String(apiVersion)}, not of the group ${group}`)
    }
    if (!isRecord(metadata)) throw new DecodeError('metadata', 'is missing')
    refuse('spec', checkSpec(spec))
    if (checkStatus) refuse('status', checkStatus(status))
  }
}

/** Where below the checked value, and what is wrong there. Only made when something is. */
type Flaw = { readonly path: string; readonly message: string }
type Check = (value: unknown) => Flaw | undefined

function refuse(field: string, found: Flaw | undefined): void {
  if (found) throw new DecodeError(field + found.path, found.message)
}

function compile(node: SchemaNode, version: string): Check {
  const isNeeded = node.needed === true || (node.needed?.includes(version) ?? false)
  const missing = isNeeded ? flaw('is missing') : undefined
  const check = compileType(node, version)
  return (value) => (value === undefined || value === null ? missing : check(value))
}

function compileType(node: SchemaNode, version: string): Check {
  const { type } = node
  if (type === undefined) return () => undefined
  switch (type) {
    case 'string':
      return compileScalar('is not a string', (value) => typeof value === 'string')
    case 'boolean':
      return compileScalar('is not a boolean', (value) => typeof value === 'boolean')
    case 'integer':
      return compileScalar('is not an integer', Number.isInteger)
    case 'array':
      return compileArray(node, version)
    case 'object':
      return compileRecord(node, version)
  }
}

function compileScalar(message: string, fits: (value: unknown) => boolean): Check {
  const wrong = flaw(message)
  return (value) => (fits(value) ? undefined : wrong)
}

function compileArray({ items }: SchemaNode, version: string): Check {
  const wrong = flaw('is not a list')
  const checkItem = items ? compile({ ...items, needed: true }, version) : () => undefined
  return (value) => {
    if (!Array.isArray(value)) return wrong
    for (const [index, item] of value.entries()) {
      const found = checkItem(item)
      if (found) return { path: `[${index}]${found.path}`, message: found.message }
    }
    return undefined
  }
}

function compileRecord({ properties = {}, values }: SchemaNode, version: string): Check {
  const wrong = flaw('is not an object')
  const fields = Object.entries(properties).map(([name, property]) => {
    const isKnown = property.only === undefined || property.only.includes(version)
    return { name, check: compile(isKnown ? property : { ...property, needed: [] }, version) }
  })
  const checkValue = values && compile({ ...values, needed: true }, version)
  return (value) => {
    if (!isRecord(value)) return wrong
    for (const { name, check } of fields) {
      const found = check(Object.hasOwn(value, name) ? value[name] : undefined)
      if (found) return { path: `.${name}${found.path}`, message: found.message }
    }
    if (!checkValue) return undefined
    for (const key of Object.keys(value)) {
      const found = checkValue(value[key])
      if (found) return { path: `.${key}${found.path}`, message: found.message }
    }
    return undefined
  }
}

function flaw(message: string): Flaw {
  return { path: '', message }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
