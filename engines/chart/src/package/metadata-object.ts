import type { GoValue } from '@sluice/go'
import type { Dependency, Lock, Metadata } from '../chart.ts'

/** A mapping that is printed as YAML or JSON. */
export type PrintableObject = Map<string, GoValue>

/** Chart.yaml's content to be printed: what is empty is left out, as Go does. */
export function metadataObject({
  annotations,
  maintainers,
  dependencies,
  ...metadata
}: Metadata): PrintableObject {
  return filled({
    ...metadata,
    annotations: new Map(annotations),
    maintainers: maintainers.map((it) => filled(it)),
    dependencies: dependencies.map(dependencyObject),
  })
}

/** Chart.lock's content to be printed. */
export function lockObject({ generated, digest, dependencies }: Lock): PrintableObject {
  return new Map<string, GoValue>([
    ['dependencies', dependencies.length === 0 ? null : dependencies.map(dependencyObject)],
    ['digest', digest],
    ['generated', generated],
  ])
}

function dependencyObject({ name, repository, importValues, ...rest }: Dependency): PrintableObject {
  const optional = filled({ ...rest, 'import-values': importValues })
  return new Map<string, GoValue>([...optional, ['name', name], ['repository', repository]])
}

function filled(fields: Readonly<Record<string, GoValue>>): Map<string, GoValue> {
  return new Map(Object.entries(fields).filter(([, value]) => !isEmpty(value)))
}

function isEmpty(value: GoValue): boolean {
  if (value === '' || value === false) return true
  return Array.isArray(value) ? value.length === 0 : value instanceof Map && value.size === 0
}
