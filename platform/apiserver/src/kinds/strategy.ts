import type { JsonValue, KubeObject, Random } from '@sluice/ports'
import type { FieldError } from '../status/field-error.ts'
import type { Storage } from '../storage/storage.ts'

/** What a write may look at besides the objects. */
export type StrategyContext = {
  /** Empty for the object itself. */
  readonly subresource: string
  /** RFC 3339 with second precision. */
  readonly now: string
  readonly storage: Storage
  readonly random: Random
}

/** How one kind differs from a plain object. All parts are optional. */
export type Strategy = {
  /** Whether `metadata.generation` counts changes of everything but metadata and status. */
  readonly hasGeneration?: boolean
  /** Whether a replace without a resourceVersion is refused. */
  readonly needsResourceVersion?: boolean
  /** Whether a replace creates what is not there. */
  readonly createsOnUpdate?: boolean
  /** Whether a delete answers with the object even when it is gone at once. */
  readonly returnsDeleted?: boolean
  /** Whether a creation may bring a status. */
  readonly keepsStatus?: boolean
  /** Why a name is not allowed. */
  readonly nameProblem?: (name: string, isPrefix: boolean) => string | undefined
  /** Fills in what the author left out. Runs on create and update, before anything else. */
  readonly applyDefaults?: (object: KubeObject) => KubeObject
  /** How long an object may take to end, for kinds that end by themselves. */
  readonly graceSeconds?: (object: KubeObject, wanted: number | undefined) => number
  /** What else being deleted changes, besides the metadata. */
  readonly markDeleted?: (object: KubeObject, context: { readonly now: string }) => KubeObject
  /** Finalizers that an object gets when it is deleted. */
  readonly deletionFinalizers?: readonly string[]
  /** Whether an object without finalizers has to stay all the same. */
  readonly staysWhenDeleted?: (object: KubeObject) => boolean
  readonly prepareCreate?: (object: KubeObject, context: StrategyContext) => KubeObject
  readonly prepareUpdate?: (next: KubeObject, old: KubeObject, context: StrategyContext) => KubeObject
  /** By subresources that change only a part of the object: the current object with that part of the next one. */
  readonly partOfSubresource?: Readonly<Record<string, (next: KubeObject, current: KubeObject) => KubeObject>>
  readonly validate?: (object: KubeObject) => readonly FieldError[]
  /** Beyond what {@link validate} finds: what only an object that is made must keep to. */
  readonly validateNew?: (object: KubeObject) => readonly FieldError[]
  /** Beyond what {@link validate} finds, which runs on updates as well. */
  readonly validateUpdate?: (
    next: KubeObject,
    old: KubeObject,
    context: StrategyContext,
  ) => readonly FieldError[]
  /** Whether {@link validateUpdate} speaks before {@link validate}. */
  readonly updateRulesFirst?: boolean
  /** Field selectors beyond name and namespace, and how to read them. */
  readonly selectableFields?: readonly string[]
  readonly readField?: (object: KubeObject, field: string) => string
}

/** A text field at a dotted path; empty when it is absent or of another kind. */
export function textAt(object: KubeObject, path: string): string {
  let current: unknown = object
  for (const name of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return ''
    current = (current as Readonly<Record<string, JsonValue>>)[name]
  }
  return typeof current === 'string' ? current : typeof current === 'boolean' ? String(current) : ''
}
