import { type Field, type Message, messageOf } from './messages.ts'
import { malformed, readFields, type WireField } from './wire.ts'

type JsonRecord = Record<string, unknown>

const magic = [0x6b, 0x38, 0x73, 0x00]
const maxDepth = 64
const textDecoder = new TextDecoder()

/**
 * The object in a request body of `application/vnd.kubernetes.protobuf`, as the JSON that a client would have sent.
 * `kubectl create`, `scale`, `auth can-i` and others write built-in kinds in this encoding only.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 * @returns undefined for kinds that have no protobuf encoding, such as custom resources.
 * @throws {ApiError} BadRequest when the bytes are malformed.
 */
export function decodeProtobufObject(body: Uint8Array): JsonRecord | undefined {
  if (magic.some((byte, index) => body[index] !== byte)) throw malformed()
  let typeMeta: Uint8Array = new Uint8Array()
  let raw: Uint8Array = new Uint8Array()
  for (const field of readFields(body.subarray(magic.length))) {
    if (field.kind !== 'bytes') continue
    if (field.number === 1) typeMeta = field.value
    if (field.number === 2) raw = field.value
  }
  const [apiVersion = '', kind = ''] = [...readFields(typeMeta)].map((it) => textOf(it))
  const message = messageOf(`${packageOf(apiVersion)}.${kind}`) ?? messageOf(`meta/v1.${kind}`)
  if (!message) return undefined
  return { apiVersion, kind, ...readMessage(raw, message, 0) }
}

/** `rbac.authorization.k8s.io/v1` is package `rbac/v1`, `v1` is `core/v1`. */
function packageOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return `core/${apiVersion}`
  return `${apiVersion.slice(0, apiVersion.search(/[./]/))}${apiVersion.slice(slash)}`
}

function readMessage(bytes: Uint8Array, message: Message, depth: number): JsonRecord {
  if (depth > maxDepth) throw malformed()
  const result: JsonRecord = {}
  for (const wire of readFields(bytes)) {
    const field = message.get(wire.number)
    if (field) addField(result, { field, wire, depth })
  }
  return result
}

type Added = { readonly field: Field; readonly wire: WireField; readonly depth: number }

function addField(result: JsonRecord, { field, wire, depth }: Added): void {
  const { name, type, shape, keepsZero } = field
  if (shape === 'map') {
    const [key, value] = readEntry(bytesOf(wire), type, depth)
    const entries = (result[name] ??= {}) as JsonRecord
    Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true })
    return
  }
  const value = readValue(wire, type, depth)
  if (shape === 'inline') {
    Object.assign(result, value)
  } else if (shape === 'list') {
    const items = (result[name] ??= []) as unknown[]
    items.push(value)
  } else if (shape === 'pointer' || keepsZero || !isZero(value)) {
    if (value !== undefined) result[name] = value
  }
}

function isZero(value: unknown): boolean {
  return value === undefined || value === '' || value === 0 || value === false
}

function readEntry(bytes: Uint8Array, type: string, depth: number): [string, unknown] {
  let key = ''
  let value: unknown = type === 'string' ? '' : undefined
  for (const wire of readFields(bytes)) {
    if (wire.number === 1) key = textOf(wire)
    if (wire.number === 2) value = readValue(wire, type, depth)
  }
  return [key, value]
}

function readValue(wire: WireField, type: string, depth: number): unknown {
  switch (type) {
    case 'string':
      return textOf(wire)
    case 'bool':
      return numberOf(wire) !== 0
    case 'int32':
    case 'int64':
      return numberOf(wire)
    case 'bytes':
      return Buffer.from(bytesOf(wire)).toString('base64')
    case 'Quantity':
      return stringField(bytesOf(wire), 1)
    case 'IntOrString':
      return readIntOrString(bytesOf(wire))
    case 'Time':
    case 'MicroTime':
      return readTime(bytesOf(wire), type)
    case 'Duration':
      return `${numberField(bytesOf(wire), 1)}ns`
    case 'Raw':
    case 'FieldsV1':
      return readJson(bytesOf(wire))
    default:
      return readNested(wire, type, depth)
  }
}

function readNested(wire: WireField, type: string, depth: number): unknown {
  // A named list of texts, such as the values of an authentication's extra fields.
  if (type.startsWith('[')) return [...readFields(bytesOf(wire))].map((it) => textOf(it))
  const message = messageOf(type)
  return message ? readMessage(bytesOf(wire), message, depth + 1) : undefined
}

function readIntOrString(bytes: Uint8Array): number | string {
  const isText = numberField(bytes, 1) === 1
  return isText ? stringField(bytes, 3) : numberField(bytes, 2)
}

/** The zero time has no JSON but null, which stands for absence. */
function readTime(bytes: Uint8Array, type: 'Time' | 'MicroTime'): string | undefined {
  if (bytes.length === 0) return undefined
  const milliseconds = numberField(bytes, 1) * 1_000
  const text = new Date(milliseconds).toISOString()
  if (type === 'Time') return text.replace('.000Z', 'Z')
  const micros = Math.floor(numberField(bytes, 2) / 1_000)
  return text.replace('.000Z', `.${String(micros).padStart(6, '0')}Z`)
}

function readJson(bytes: Uint8Array): unknown {
  const [field] = readFields(bytes)
  if (!field) return undefined
  try {
    return JSON.parse(textOf(field))
  } catch {
    // The embedded object is the client's; that it is not JSON is all there is to say.
    throw malformed()
  }
}

function stringField(bytes: Uint8Array, number: number): string {
  for (const field of readFields(bytes)) if (field.number === number) return textOf(field)
  return ''
}

function numberField(bytes: Uint8Array, number: number): number {
  for (const field of readFields(bytes)) if (field.number === number) return numberOf(field)
  return 0
}

function textOf(field: WireField): string {
  return textDecoder.decode(bytesOf(field))
}

function bytesOf(field: WireField): Uint8Array {
  if (field.kind !== 'bytes') throw malformed()
  return field.value
}

function numberOf(field: WireField): number {
  if (field.kind !== 'varint') throw malformed()
  return Number(BigInt.asIntN(64, field.value))
}
