import type { JsonObject } from '@sluice/ports'
import { CliError } from '../../cli-error.ts'
import { given } from './creation.ts'

/** `[<kind>/]<name>[.<namespace>]` taken apart; the kind is empty when it is not given. */
export type ParsedReference = { readonly kind: string; readonly name: string; readonly namespace: string }

/** Source: FEATURES.md §12.1; only the last dot parts the namespace off. */
export function parseReference(text: string): ParsedReference {
  const { kind, name } = parseKindName(text)
  const dot = name.lastIndexOf('.')
  return dot < 0
    ? { kind, name, namespace: '' }
    : { kind, name: name.slice(0, dot), namespace: name.slice(dot + 1) }
}

/** `[<kind>/]<name>` taken apart, dots kept. */
export function parseKindName(text: string): { readonly kind: string; readonly name: string } {
  const [kind = '', name, ...rest] = text.split('/')
  return name === undefined || rest.length > 0 ? { kind: '', name: text } : { kind, name }
}

/**
 * Reads a source of one of these kinds, whose case does not matter.
 *
 * @throws {CliError} for other kinds, and without a kind when there is no default.
 */
export function sourceReference(
  text: string,
  { kinds, defaultKind }: { readonly kinds: readonly string[]; readonly defaultKind?: string },
): JsonObject {
  const { kind: written, name, namespace } = parseReference(text)
  if (name === '') throw new CliError(`no name given for source of kind '${written}'`)
  if (written === '' && defaultKind === undefined) {
    throw new CliError(`invalid helm chart source '${text}', must be in format <kind>/<name>`)
  }
  if (written === '' && kinds.includes(name)) throw new CliError(`no kind specified for source '${name}'`)
  const wanted = written === '' ? (defaultKind ?? '') : written
  const kind = kinds.find((it) => it.toLowerCase() === wanted.toLowerCase())
  if (kind === undefined) {
    throw new CliError(`source kind '${wanted}' is not supported, must be one of: ${kinds.join(', ')}`)
  }
  return given({ kind, name, namespace })
}

/** `--depends-on`: names, or `<namespace>/<name>`. */
export function dependencies(texts: readonly string[] = []): JsonObject[] {
  return texts.map((text) => {
    const [first = '', name] = text.split('/')
    return name === undefined ? { name: first } : { namespace: first, name }
  })
}

/** Objects that events come from or that a webhook is about. @throws {CliError} without a kind. */
export function eventObjects(
  texts: readonly string[] = [],
  parse: (text: string) => { readonly kind: string; readonly name: string; readonly namespace?: string },
): JsonObject[] {
  return texts.map((text) => {
    const { kind, name, namespace } = parse(text)
    if (kind === '') throw new CliError(`invalid event source '${text}', must be in format <kind>/<name>`)
    return { kind, name, ...given({ namespace }) }
  })
}
