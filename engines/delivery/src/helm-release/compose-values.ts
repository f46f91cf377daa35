import { type MutableValues, mergeOver, parseSet, parseValues } from '@sluice/chart'
import { bytesGoString } from '@sluice/go'
import type { ValuesReference } from '@sluice/toolkit'
import { parseJsonGo } from '@sluice/yaml'
import { defaultValuesKey, ValuesReferenceError } from './values-error.ts'

/** What values are composed of. */
export type ValuesInput = {
  /** The HelmRelease's namespace, in which references are looked up. */
  readonly namespace: string
  /** `spec.values`. */
  readonly values: unknown
  readonly references: readonly ValuesReference[]
}

/** The content of a Secret or ConfigMap by key, or the words for why it is not there. */
export type ValuesSource =
  | { readonly data: Readonly<Record<string, Uint8Array>> }
  | { readonly missing: string }

/**
 * The values of a release: those of the references in their order, then the inline ones. A reference with a target path
 * sets one value on top of all that was composed before it, inline values included.
 *
 * Source: fluxcd/pkg chartutil, Flux 2.9.
 * @param sourceOf gives each Secret or ConfigMap, best the same for the same name
 * @throws {ValuesReferenceError}
 */
export function composeValues(
  { namespace, values, references }: ValuesInput,
  sourceOf: (kind: ValuesReference['kind'], name: string) => ValuesSource,
): MutableValues {
  const inline = inlineValues(values)
  let composed: MutableValues = new Map()
  for (const reference of references) {
    const content = contentOf(namespace, reference, sourceOf(reference.kind, reference.name))
    if (content === undefined) continue
    if (reference.targetPath) {
      composed = mergeOver(composed, inline)
      setAt(composed, content, { namespace, reference, path: reference.targetPath })
    } else {
      composed = mergeOver(
        composed,
        inWords(namespace, reference, () => parseValues(content)),
      )
    }
  }
  return mergeOver(composed, inline)
}

/** Numbers are floats, as in Go's JSON. */
function inlineValues(values: unknown): MutableValues {
  if (values === undefined || values === null) return new Map()
  const parsed = parseJsonGo(JSON.stringify(values))
  return parsed instanceof Map ? parsed : new Map()
}

function contentOf(
  namespace: string,
  reference: ValuesReference,
  source: ValuesSource,
): Uint8Array | undefined {
  const content = 'data' in source ? source.data[reference.valuesKey || defaultValuesKey] : undefined
  if (content !== undefined || reference.optional) return content
  const reason = 'missing' in source ? source.missing : 'key not found'
  throw new ValuesReferenceError(namespace, reference, { reason })
}

type Target = {
  readonly namespace: string
  readonly reference: ValuesReference
  readonly path: string
}

function setAt(values: MutableValues, content: Uint8Array, { namespace, reference, path }: Target): void {
  const text = bytesGoString(content)
  inWords(namespace, reference, () => {
    if (reference.literal) parseSet(values, `${path}=${literal(text)}`, { kind: 'string' })
    else if (isQuoted(text)) parseSet(values, `${path}=${unquoted(text)}`, { kind: 'string' })
    else parseSet(values, `${path}=${text}`, { kind: 'typed' })
  })
}

function isQuoted(text: string): boolean {
  return ["'", '"'].some((quote) => text.startsWith(quote) && text.endsWith(quote))
}

/** Quotes of both kinds go, however many there are. */
function unquoted(text: string): string {
  return text.replace(/^['"]+/, '').replace(/['"]+$/, '')
}

/** What the grammar of `--set-string` reads as this very text, while the path keeps its escapes. */
function literal(text: string): string {
  return text.replace(/[\\,[\]{}]/g, String.raw`\$&`)
}

function inWords<T>(namespace: string, reference: ValuesReference, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new ValuesReferenceError(namespace, reference, { reason: cause.message, cause })
  }
}
