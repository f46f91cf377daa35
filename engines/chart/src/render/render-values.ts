import { bytesGoString, GoMap, type GoValue } from '@sluice/go'
import { chartFiles, type HelmTemplate, helmValues } from '@sluice/template'
import type { Chart, Dependency, Metadata } from '../chart.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { isTable } from '../values/tables.ts'

/** What all charts of a render have in common. */
export type RenderGlobals = { readonly release: GoValue; readonly capabilities: GoValue }

/** The templates of a chart and its dependencies by path, each with what its dot is. */
export function templatesOf(
  chart: Chart,
  values: MutableValues,
  globals: RenderGlobals,
): Map<string, HelmTemplate> {
  const templates = new Map<string, HelmTemplate>()
  collect(chart, { values, parentPath: '', globals, templates })
  return templates
}

type Place = {
  /** Values of this chart. */
  readonly values: MutableValues
  /** Full path of the chart above; empty at the top. */
  readonly parentPath: string
  readonly globals: RenderGlobals
  readonly templates: Map<string, HelmTemplate>
}

function collect(chart: Chart, { values, parentPath, globals, templates }: Place): GoValue {
  const { metadata } = chart
  const path = parentPath === '' ? metadata.name : `${parentPath}/charts/${metadata.name}`
  const subcharts = new Map<string, GoValue>()
  const dot = new Map<string, GoValue>([
    ['Chart', metadataValue(metadata, parentPath === '')],
    ['Files', chartFiles(new Map(chart.files.map(({ name, data }) => [name, data])))],
    ['Release', globals.release],
    ['Capabilities', globals.capabilities],
    ['Values', helmValues(values)],
    ['Subcharts', subcharts],
  ])
  for (const dependency of chart.dependencies) {
    const { name } = dependency.metadata
    const inner = values.get(name)
    subcharts.set(
      name,
      collect(dependency, {
        values: isTable(inner) ? inner : new Map(),
        parentPath: path,
        globals,
        templates,
      }),
    )
  }
  const isLibrary = metadata.type.toLowerCase() === 'library'
  for (const { name, data } of chart.templates) {
    const file = name.slice(name.lastIndexOf('/') + 1)
    if (isLibrary && !file.startsWith('_')) continue
    templates.set(`${path}/${name}`, {
      text: textOf(data),
      basePath: `${path}/templates`,
      // One map for all files of a chart: what a template sets in it, the ones after it see.
      values: dot,
    })
  }
  return dot
}

// One object for one file: caches of templates find it without comparing texts.
const texts = new WeakMap<Uint8Array, string>()

function textOf(data: Uint8Array): string {
  const known = texts.get(data)
  if (known !== undefined) return known
  const text = bytesGoString(data)
  texts.set(data, text)
  return text
}

/** `.Chart`: Chart.yaml under the names of Go's fields. */
function metadataValue(metadata: Metadata, isRoot: boolean): GoValue {
  const { name, home, sources, version, description, keywords, maintainers, icon } = metadata
  return new Map<string, GoValue>([
    ['Name', name],
    ['Home', home],
    ['Sources', [...sources]],
    ['Version', version],
    ['Description', description],
    ['Keywords', [...keywords]],
    ['Maintainers', maintainers.map((it) => capitalized({ Name: it.name, Email: it.email, URL: it.url }))],
    ['Icon', icon],
    ['APIVersion', metadata.apiVersion],
    ['Condition', metadata.condition],
    ['Tags', metadata.tags],
    ['AppVersion', metadata.appVersion],
    ['Deprecated', metadata.deprecated],
    [
      'Annotations',
      metadata.annotations.size === 0 ? null : new GoMap('map[string]string', new Map(metadata.annotations)),
    ],
    ['KubeVersion', metadata.kubeVersion],
    ['Dependencies', metadata.dependencies.map(dependencyValue)],
    ['Type', metadata.type],
    ['IsRoot', isRoot],
  ])
}

function dependencyValue(dependency: Dependency): GoValue {
  return capitalized({
    Name: dependency.name,
    Version: dependency.version,
    Repository: dependency.repository,
    Condition: dependency.condition,
    Tags: [...dependency.tags],
    Enabled: dependency.enabled,
    ImportValues: [...dependency.importValues],
    Alias: dependency.alias,
  })
}

function capitalized(fields: Readonly<Record<string, GoValue>>): GoValue {
  return new Map(Object.entries(fields))
}
