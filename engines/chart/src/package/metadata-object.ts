import type { GoValue } from '@sluice/go'
import { StructFields } from '@sluice/yaml'
import type { Dependency, Lock, Maintainer, Metadata } from '../chart.ts'

/** Chart.yaml's content to be printed, in the order of Helm's struct: what is empty is left out. */
export function metadataObject(metadata: Metadata): StructFields {
  const { annotations, maintainers, dependencies } = metadata
  const { name, home, sources, version, description, keywords, ...rest } = metadata
  return filled({
    name,
    home,
    sources,
    version,
    description,
    keywords,
    maintainers: maintainers.map(maintainerObject),
    icon: rest.icon,
    apiVersion: rest.apiVersion,
    condition: rest.condition,
    tags: rest.tags,
    appVersion: rest.appVersion,
    deprecated: rest.deprecated,
    annotations: new Map(annotations),
    kubeVersion: rest.kubeVersion,
    dependencies: dependencies.map(dependencyObject),
    type: rest.type,
  })
}

/** Chart.lock's content to be printed. */
export function lockObject({ generated, digest, dependencies }: Lock): StructFields {
  return new StructFields([
    ['generated', generated],
    ['digest', digest],
    ['dependencies', dependencies?.map(dependencyObject) ?? null],
  ])
}

function maintainerObject({ name, email, url }: Maintainer): StructFields {
  return filled({ name, email, url })
}

function dependencyObject(dependency: Dependency): StructFields {
  const { name, version, repository, condition, tags, enabled, importValues, alias } = dependency
  return new StructFields([
    ['name', name],
    ...filled({ version }),
    ['repository', repository],
    ...filled({ condition, tags, enabled, 'import-values': importValues, alias }),
  ])
}

/** The fields that are not empty, as Go's `omitempty` has it. */
export function filled(fields: Readonly<Record<string, GoValue | undefined>>): StructFields {
  return new StructFields(Object.entries(fields).filter(isFilled))
}

function isFilled(entry: [string, GoValue | undefined]): entry is [string, GoValue] {
  return !isEmpty(entry[1])
}

function isEmpty(value: GoValue | undefined): boolean {
  if (value === undefined || value === '' || value === false || value === 0) return true
  return Array.isArray(value) ? value.length === 0 : value instanceof Map && value.size === 0
}
