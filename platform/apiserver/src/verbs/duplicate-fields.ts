import type { JsonValue } from '@sluice/ports'

/** A field that a JSON text names more than once, by its path in Kubernetes' notation: `spec.containers[0].image`. */
export type RepeatedField = {
  readonly path: string
  /** Which of the fields of the text it is, counted from 0. */
  readonly position: number
  /** Counted from 1. */
  readonly line: number
  readonly name: string
}

/** What a JSON text says twice: of two equal names JavaScript's reader keeps the last value and tells nothing. */
export type TextFields = {
  readonly repeated: readonly RepeatedField[]
  /** At which position a path first stands. */
  readonly positionOf: (path: string) => number
}

const nothingRepeated: TextFields = { repeated: [], positionOf: () => 0 }

/** @param text JSON that has been read; the empty text is an empty object. */
export function fieldsOfText(text: string): TextFields {
  if (text === '') return nothingRepeated
  // Nearly no text repeats any: then it has as many names as the value read from it has fields.
  const names = text.match(/"\s*:/g)?.length ?? 0
  return names === fieldCount(JSON.parse(text) as JsonValue) ? nothingRepeated : scan(text)
}

function fieldCount(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = Array.isArray(value) ? 0 : Object.keys(value).length
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null) count += fieldCount(item)
  }
  return count
}

type Container = { readonly path: string; readonly names: Set<string> | undefined; at: string; index: number }

function scan(text: string): TextFields {
  const repeated: RepeatedField[] = []
  const positions = new Map<string, number>()
  const open: Container[] = []
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],\n]/g
  let isName = false
  let line = 1
  let position = 0
  const pathHere = (): string => {
    const container = open.at(-1)
    if (!container) return ''
    if (container.names === undefined) return `${container.path}[${container.index}]`
    return container.path === '' ? container.at : `${container.path}.${container.at}`
  }
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [part] = match
    const container = open.at(-1)
    switch (part.charAt(0)) {
      case '{':
      case '[':
        isName = part === '{'
        open.push({ path: pathHere(), names: isName ? new Set() : undefined, at: '', index: 0 })
        break
      case '}':
      case ']':
        open.pop()
        isName = false
        break
      case ',':
        if (container) container.index += 1
        isName = container?.names !== undefined
        break
      case '\n':
        line += 1
        break
      default: {
        if (!isName || !container?.names) break
        const name = JSON.parse(part) as string
        container.at = name
        const path = pathHere()
        if (container.names.has(name)) repeated.push({ path, position, line, name })
        container.names.add(name)
        if (!positions.has(path)) positions.set(path, position)
        position += 1
        isName = false
      }
    }
  }
  return { repeated, positionOf: (path) => positions.get(path) ?? 0 }
}
