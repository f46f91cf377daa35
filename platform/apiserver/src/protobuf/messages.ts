import { protobufFields } from '../generated/protobuf-fields.ts'

/** A field of a message. */
export type Field = {
  readonly name: string
  /** A scalar, a well-known type such as `Time`, or a message as `group/version.Name`. */
  readonly type: string
  readonly shape: 'one' | 'pointer' | 'list' | 'map' | 'inline'
  /** Whether a zero is written to JSON all the same. */
  readonly keepsZero: boolean
}

export type Message = ReadonlyMap<number, Field>

const shapes: Readonly<Record<string, Field['shape']>> = {
  '?': 'pointer',
  '*': 'list',
  '%': 'map',
  '!': 'inline',
}

let messages: ReadonlyMap<string, string> | undefined
const parsed = new Map<string, Message>()

/** The message of a name such as `apps/v1.Deployment`; parsed when first asked for. */
export function messageOf(name: string): Message | undefined {
  const known = parsed.get(name)
  if (known) return known
  messages ??= new Map(
    protobufFields.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
  const text = messages.get(name)
  if (text === undefined) return undefined
  const message = parseMessage(text, name.slice(0, name.lastIndexOf('.') + 1))
  parsed.set(name, message)
  return message
}

function parseMessage(text: string, prefix: string): Message {
  return new Map(
    text.split(', ').map((field) => {
      const [number = '', name = '', type = '', flags = ''] = field.split(' ')
      const isLocal = /^\[?[A-Z]/.test(type) && !wellKnown.has(type)
      return [
        Number(number),
        {
          name,
          type: isLocal ? prefix + type : type,
          shape: shapes[flags[0] ?? ''] ?? 'one',
          keepsZero: flags.includes('+'),
        },
      ]
    }),
  )
}

const wellKnown: ReadonlySet<string> = new Set([
  'Time',
  'MicroTime',
  'Duration',
  'Quantity',
  'IntOrString',
  'Raw',
  'FieldsV1',
])
