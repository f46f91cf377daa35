import type { JsonValue, KubeObject } from '@sluice/ports'
import { listOf, numberOf, objectOf, textOf } from '../kinds/json-fields.ts'
import type { ApiResource } from '../registry/api-resource.ts'
import { builtinColumns } from '../registry/builtin-resources.ts'
import { coreCells } from './core-cells.ts'
import { ageOf } from './format.ts'
import { furtherCells } from './further-cells.ts'
import { podTemplateOf, printLabels, printSelector } from './print.ts'

/** What stands in one column. `now` in milliseconds. */
export type Cell = (object: KubeObject, now: number) => JsonValue

/** Columns of one kind by their names; those that all kinds have are left out. */
export type KindCells = Readonly<Record<string, Cell>>

/** Cells of one object, in the order of its kind's columns. */
export type Cells = (object: KubeObject, now: number) => readonly JsonValue[]

const common: KindCells = {
  Name: ({ metadata }) => metadata.name ?? '',
  Age: ageOf,
  'Created At': ({ metadata }) => metadata.creationTimestamp ?? '',
  Containers: (object) =>
    listOf(objectOf(podTemplateOf(object).spec).containers)
      .map((it) => textOf(it.name))
      .join(','),
  Images: (object) =>
    listOf(objectOf(podTemplateOf(object).spec).containers)
      .map((it) => textOf(it.image))
      .join(','),
  Selector: (object) => printSelector(objectOf(object['spec']).selector),
  Status: (object) => textOf(objectOf(object['status']).phase),
  Webhooks: (object) => listOf(object['webhooks']).length,
  'Pod Labels': (object) => printLabels(objectOf(podTemplateOf(object).metadata).labels),
}

const replicas: KindCells = {
  Desired: (object) => numberOf(objectOf(object['spec']).replicas) ?? 0,
  Current: (object) => numberOf(objectOf(object['status']).replicas) ?? 0,
  Ready: (object) => numberOf(objectOf(object['status']).readyReplicas) ?? 0,
}

const byKind: Readonly<Record<string, KindCells>> = {
  ...coreCells,
  ...furtherCells,
  ReplicaSet: replicas,
  ReplicationController: replicas,
}

/** How rows of a built-in kind are made; `undefined` for kinds that show only name and time of creation. */
export function builtinCells({ group, version, kind }: ApiResource): Cells | undefined {
  const columns = builtinColumns(group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`)
  if (!columns) return undefined
  const own = byKind[kind] ?? {}
  const cells = columns.map(([name]): Cell => own[name] ?? common[name] ?? (() => '<none>'))
  return (object, now) => cells.map((cell) => cell(object, now))
}
