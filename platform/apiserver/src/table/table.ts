import type { JsonValue, KubeObject } from '@sluice/ports'
import type { ApiResource } from '../registry/api-resource.ts'
import { builtinColumns } from '../registry/builtin-resources.ts'
import { builtinCells } from './builtin-cells.ts'
import { customCells, customColumns } from './custom-columns.ts'
import { ageOf } from './format.ts'

export type ColumnDefinition = {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

export type Row = {
  readonly cells: readonly JsonValue[]
  readonly conditions?: readonly object[]
  readonly object: KubeObject
}

const nameColumn: ColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique within its namespace.',
  priority: 0,
}

/** Columns of a resource's table. */
export function tableColumns(resource: ApiResource): readonly ColumnDefinition[] {
  if (resource.custom) return [nameColumn, ...customColumns(resource.custom)]
  const { group, version, kind } = resource
  const columns = builtinColumns(group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`)
  if (!columns) return [nameColumn, createdColumn]
  return columns.map(([name, type, format, priority]) =>
    name === 'Name' ? { ...nameColumn, priority } : { name, type, format, description: `${name}.`, priority },
  )
}

const createdColumn: ColumnDefinition = {
  name: 'Created At',
  type: 'date',
  format: '',
  description: 'When the object was made.',
  priority: 0,
}

/** One row an object. `now` in milliseconds, for ages. */
export function tableRows(objects: readonly KubeObject[], resource: ApiResource, now: number): Row[] {
  const { custom } = resource
  if (custom) {
    return objects.map((object) => ({
      cells: [object.metadata.name ?? '', ...customCells(object, custom, now)],
      object,
    }))
  }
  const cells = builtinCells(resource)
  return objects.map((object) => ({
    cells: cells
      ? cells(object, now)
      : [object.metadata.name ?? '', object.metadata.creationTimestamp ?? ageOf(object, now)],
    object,
  }))
}
