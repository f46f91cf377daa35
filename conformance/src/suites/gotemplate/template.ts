import {
  type GoFunction,
  GoObject,
  GoSlice,
  type GoValue,
  goInt,
  goStringBytes,
  isValidUtf8,
} from '@sluice/go'
import {
  chartFiles,
  define,
  type FunctionMap,
  type HelmTemplate,
  helmFunctions,
  helmValues,
  type MissingKey,
  parseTemplates,
  renderHelm,
  type SprigPorts,
  sprigFunctions,
  TemplateCache,
  TemplateError,
  TemplateSet,
} from '@sluice/template'
import { parseYamlGo } from '@sluice/yaml'
import type { GoCase, GoOutcome } from './go-case.ts'
import { templatePorts } from './template-ports.ts'

const main = 'c/templates/t.yaml'
const ports: SprigPorts = templatePorts()
const helm: FunctionMap = helmFunctions(ports)
const cache: TemplateCache = new TemplateCache(helm)
const functionsByEnvironment: Readonly<Record<string, FunctionMap>> = {
  plain: new Map<string, GoFunction>(),
  go: sprigFunctions(ports),
}
const missingKeys: Readonly<Record<string, MissingKey>> = {
  default: 'invalid',
  invalid: 'invalid',
  zero: 'zero',
  error: 'error',
}

/** Kind `template`: a template of text/template alone, with Sprig, or of a Helm chart. */
export function runTemplate(input: GoCase): GoOutcome {
  try {
    const text = input['env'] === 'helm' ? renderChart(input) : renderAlone(input)
    return { out: isValidUtf8(text) ? text : goStringBytes(text) }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return { error: error.message, stage: error.code === 'TEMPLATE_PARSE' ? 'parse' : 'exec' }
  }
}

function renderAlone(input: GoCase): string {
  const functions = functionsByEnvironment[String(input['env'])] ?? new Map<string, GoFunction>()
  const set = new TemplateSet()
  for (const [name, text] of [...extraTemplates(input), ['t', String(input['template'])] as const]) {
    set.add(parseTemplates(name, text, functions))
  }
  const missingKey = missingKeys[String(input['missingkey'])] ?? 'invalid'
  return set.render('t', valuesOf(input) ?? undefined, { functions, missingKey })
}

function renderChart(input: GoCase): string {
  const values = chartValues(input)
  const basePath = 'c/templates'
  const templates = new Map<string, HelmTemplate>([
    ...extraTemplates(input).map(
      ([name, text]) => [`${basePath}/${name}`, { text, basePath, values }] as const,
    ),
    [main, { text: String(input['template']), basePath, values }],
  ])
  const rendered = renderHelm(templates, { functions: helm, strict: input['missingkey'] === 'error', cache })
  return rendered.get(main) ?? ''
}

function extraTemplates(input: GoCase): (readonly [string, string])[] {
  const templates = (input['templates'] ?? {}) as Readonly<Record<string, string>>
  return Object.entries(templates).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function valuesOf(input: GoCase): GoValue {
  if (typeof input['values'] !== 'string') return undefined
  const numbers = input['numbers'] === 'json.Number' ? 'json.Number' : 'float64'
  return parseYamlGo(input['values'], { numbers })
}

/** What the README says of the recorded chart. */
function chartValues(input: GoCase): Map<string, GoValue> {
  const values = valuesOf(input)
  const files = Object.entries((input['files'] ?? {}) as Readonly<Record<string, string>>)
  return new Map<string, GoValue>([
    ['Values', helmValues(values instanceof Map ? values : new Map())],
    [
      'Chart',
      new Map<string, GoValue>([
        ['Name', 'c'],
        ['Version', '0.1.0'],
        ['APIVersion', 'v2'],
        ['AppVersion', '1.2.3'],
        ['Description', 'A chart'],
        ['IsRoot', true],
      ]),
    ],
    [
      'Release',
      new Map<string, GoValue>([
        ['Name', 'rel'],
        ['Namespace', 'ns'],
        ['Service', 'Helm'],
        ['Revision', goInt(1)],
        ['IsInstall', true],
        ['IsUpgrade', false],
      ]),
    ],
    ['Capabilities', capabilities()],
    ['Files', chartFiles(new Map(files.map(([path, text]) => [path, goStringBytes(text)])))],
    ['Subcharts', new Map()],
  ])
}

function capabilities(): GoObject {
  const version = new Map<string, GoValue>([
    ['Version', 'v1.37.0'],
    ['Major', '1'],
    ['Minor', '37'],
  ])
  const kube = new GoObject(
    'common.KubeVersion',
    version,
    new Map([
      ['String', define([], () => 'v1.37.0')],
      ['GitVersion', define([], () => 'v1.37.0')],
    ]),
  )
  return new GoObject(
    '*common.Capabilities',
    new Map<string, GoValue>([
      ['KubeVersion', kube],
      ['APIVersions', versionSet()],
    ]),
  )
}

/** The part of the built-in versions that every cluster serves. */
function versionSet(): GoSlice {
  const versions = [
    'v1',
    'apps/v1',
    'autoscaling/v2',
    'batch/v1',
    'networking.k8s.io/v1',
    'policy/v1',
    'rbac.authorization.k8s.io/v1',
  ]
  const has = define(['string'], (version) => versions.includes(version))
  return new GoSlice('common.VersionSet', versions, {
    methods: new Map([['Has', has]]),
    underlying: '[]string',
  })
}
