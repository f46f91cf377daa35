import type { GoValue } from '@sluice/go'
import type { CompiledSchema } from '../document/compiled.ts'
import type { SchemaResource } from '../document/schema-root.ts'
import { SchemaError } from '../schema-error.ts'
import { type Path, pointerText, type Violation } from '../violation.ts'
import { type Unevaluated, unevaluatedOf } from './unevaluated.ts'

/** The schemas from the outermost to this one, the last first. */
export type Scope = {
  readonly schema: CompiledSchema
  /** The keyword of the reference that led here; empty when the schema is inside its parent. */
  readonly reference: string
  /** Tells which value is looked at: equal for schemas of one value. */
  readonly level: number
  readonly parent: Scope | undefined
}

/** What a document needs that is checked against its metaschema: parts of it may have another one. */
export type MetaCheck = {
  readonly metaschema: CompiledSchema
  readonly resources: ReadonlyMap<string, SchemaResource>
  readonly metaschemaOf: (resource: SchemaResource) => CompiledSchema
}

/** What all schemas of a validation have in common. */
export type Session = {
  /** Work that may still be done; see {@link Frame.pay}. */
  readonly budget: { steps: number; violations: number }
  readonly validate: (frame: Frame) => Violation | undefined
}

/** A schema that is being applied to a value. */
export type Frame = {
  readonly schema: CompiledSchema
  readonly value: GoValue
  readonly path: Path | undefined
  readonly scope: Scope
  readonly unevaluated: Unevaluated
  /** Whether only the answer matters, not what is wrong. */
  readonly isQuiet: boolean
  readonly meta: MetaCheck | undefined
  readonly session: Session
  readonly errors: Violation[]
}

/** The frame of a whole value. */
export function rootFrame(
  schema: CompiledSchema,
  value: GoValue,
  { session, meta }: Pick<Frame, 'session' | 'meta'>,
): Frame {
  return {
    schema,
    value,
    path: undefined,
    scope: { schema, reference: '', level: 0, parent: undefined },
    unevaluated: unevaluatedOf(value, schema, false),
    isQuiet: false,
    meta,
    session,
    errors: [],
  }
}

/** Applies another schema to the same value. */
export function applyToSelf(
  frame: Frame,
  schema: CompiledSchema,
  { reference = '', isQuiet = false }: { readonly reference?: string; readonly isQuiet?: boolean } = {},
): Violation | undefined {
  const { scope, value, path, meta, session, unevaluated } = frame
  const inner: Frame = {
    ...(meta ? dialectAt(meta, schema, path) : { schema, meta }),
    value,
    path,
    scope: { schema, reference, level: scope.level, parent: scope },
    unevaluated: unevaluatedOf(value, schema, !unevaluated.isEmpty),
    isQuiet: frame.isQuiet || isQuiet,
    session,
    errors: [],
  }
  const violation = session.validate(inner)
  if (!violation) unevaluated.merge(inner.unevaluated)
  return violation
}

/** Applies a schema to a member or an item. */
export function applyToPart(
  frame: Frame,
  schema: CompiledSchema,
  { value, name }: { readonly value: GoValue; readonly name: string },
): Violation | undefined {
  const { scope, session, meta, isQuiet } = frame
  const path = { parent: frame.path, name }
  return session.validate({
    ...(meta ? dialectAt(meta, schema, path) : { schema, meta }),
    value,
    path,
    scope: { schema, reference: '', level: scope.level + 1, parent: scope },
    unevaluated: unevaluatedOf(value, schema, false),
    isQuiet,
    session,
    errors: [],
  })
}

/** A resource in a document that is checked may have a metaschema of its own. */
function dialectAt(
  meta: MetaCheck,
  schema: CompiledSchema,
  path: Path | undefined,
): Pick<Frame, 'schema' | 'meta'> {
  if (schema !== meta.metaschema) return { schema, meta }
  const resource = meta.resources.get(pointerText(path))
  if (!resource) return { schema, meta }
  const metaschema = meta.metaschemaOf(resource)
  return { schema: metaschema, meta: { ...meta, metaschema } }
}

export function report(frame: Frame, violation: Violation | undefined): void {
  if (violation) frame.errors.push(violation)
}

/** Says that something is wrong with the frame's value. */
export function complain(frame: Frame, text: string, causes: readonly Violation[] = []): void {
  frame.errors.push(wrong(frame, text, causes))
}

/** @throws {SchemaError} when there is more wrong than anybody reads */
export function wrong(frame: Frame, text: string, causes: readonly Violation[] = []): Violation {
  payForViolation(frame)
  return { path: frame.path, text, causes, kind: 'plain' }
}

/** Takes work from what is left. @throws {SchemaError} when nothing is */
export function pay({ session: { budget } }: Frame, steps: number): void {
  budget.steps -= steps
  if (budget.steps < 0) throw new SchemaError('the schema takes too many steps')
}

function payForViolation({ session: { budget } }: Frame): void {
  budget.violations -= 1
  if (budget.violations < 0) throw new SchemaError('the values break too many rules of the schema')
}
