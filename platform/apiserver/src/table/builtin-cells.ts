import type { JsonValue, KubeObject } from '@sluice/ports'
import type { ApiResource } from '../registry/api-resource.ts'

/** Cells of one object, in the order of its kind's columns. */
export type Cells = (object: KubeObject, now: number) => readonly JsonValue[]

/** How rows of a built-in kind are made; `undefined` for kinds that show only name and time of creation. */
export function builtinCells(_resource: ApiResource): Cells | undefined {
  return undefined
}
