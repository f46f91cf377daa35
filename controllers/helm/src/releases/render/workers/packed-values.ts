import type { MutableValue, MutableValues } from '@sluice/chart'
import { GoInt, type GoIntKind, GoNamed } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'

/** A value that threads can pass on: of classes they know nothing. */
export type PackedValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | readonly PackedValue[]
  | ReadonlyMap<string, PackedValue>
  | PackedInt
  | PackedNamed

type PackedInt = { readonly int: bigint; readonly kind: GoIntKind }
type PackedNamed = { readonly named: string; readonly type: string }

/** Values have something in them that no document can have. */
export class UnpackableError extends ToolkitError {
  override readonly name = 'UnpackableError'

  constructor() {
    super('VALUES_UNPACKABLE', 'values that are neither of YAML nor of JSON stay where they are')
  }
}

/** @throws {UnpackableError} */
export function packValues(values: MutableValues): ReadonlyMap<string, PackedValue> {
  return new Map([...values].map(([key, value]) => [key, pack(value)]))
}

export function unpackValues(values: ReadonlyMap<string, PackedValue>): MutableValues {
  return new Map([...values].map(([key, value]) => [key, unpack(value)]))
}

function pack(value: MutableValue): PackedValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  if (value instanceof Map) return packValues(value)
  if (Array.isArray(value)) return (value as readonly MutableValue[]).map(pack)
  if (value instanceof GoInt && value.type === value.kind) {
    return value.kind === 'int64' ? value.value : { int: value.value, kind: value.kind }
  }
  if (value instanceof GoNamed && value.methods.size === 0) return { named: value.value, type: value.type }
  throw new UnpackableError()
}

function unpack(value: PackedValue): MutableValue {
  if (typeof value === 'bigint') return new GoInt('int64', value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return (value as readonly PackedValue[]).map(unpack)
  if (value instanceof Map) return unpackValues(value as ReadonlyMap<string, PackedValue>)
  const scalar = value as PackedInt | PackedNamed
  return 'int' in scalar ? new GoInt(scalar.kind, scalar.int) : new GoNamed(scalar.type, scalar.named)
}
