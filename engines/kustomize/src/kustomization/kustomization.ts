import type { JsonObject } from '@sluice/ports'
import { parsePlain } from '@sluice/yaml'
import { during, KustomizeError, unmarshaling } from '../errors.ts'
import { decodeYaml } from '../loading/decode-yaml.ts'
import type { Loader } from '../loading/loader.ts'
import { type Decoded, decodeObject } from './decode.ts'
import { kustomizationStruct } from './shapes.ts'
import type { GeneratorArgs, HelmChart, HelmChartArgs, HelmGlobals, Kustomization } from './types.ts'
import { withoutEmpty } from './without-empty.ts'

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
const kustomizationVersion = 'kustomize.config.k8s.io/v1beta1'
const componentVersion = 'kustomize.config.k8s.io/v1alpha1'

/** A kustomization file that was read. */
export type KustomizationFile = {
  readonly name: string
  readonly kustomization: Kustomization
  readonly warnings: readonly string[]
}

/** Fields that have a successor, in the order in which kustomize warns of them. */
const deprecated = [
  ['bases', 'resources', ''],
  ['commonLabels', 'labels', ''],
  ['imageTags', 'images', ''],
  ['patchesJson6902', 'patches', ''],
  ['patchesStrategicMerge', 'patches', ''],
  ['vars', 'replacements', '[EXPERIMENTAL] '],
] as const

/** Reads the kustomization file of the loader's directory. @throws {KustomizeError} when there is not exactly one. */
export function loadKustomization(loader: Loader): KustomizationFile {
  const found = fileNames.flatMap((name) => {
    const bytes = loader.tryLoad(name)
    return bytes === undefined ? [] : [{ name, bytes }]
  })
  const where = loader.place
  const [file, another] = found
  if (!file) {
    const names = fileNames.map((it) => `'${it}'`)
    const anyOf = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
    throw invalid(`unable to find one of ${anyOf} in directory '${where}'`)
  }
  if (another) throw invalid(`Found multiple kustomization files under: ${where}\n`)
  return { name: file.name, ...parseKustomization(file.bytes, where) }
}

/**
 * The fields of a kustomization file as Flux takes them over: unknown and empty ones left out, numbers and booleans as
 * texts where texts are wanted.
 *
 * @throws {KustomizeError} when it is no YAML, or a field is of a wrong type.
 */
export function readKustomizationFields(bytes: Uint8Array): JsonObject {
  const value = during('error converting YAML to JSON', () => parsePlain(decodeYaml(bytes)))
  const options = { strict: false, converts: true }
  return withoutEmpty(unmarshaling(() => decodeObject(value, kustomizationStruct, options)))
}

/** @param where the directory, for messages */
export function parseKustomization(
  bytes: Uint8Array,
  where: string,
): { kustomization: Kustomization; warnings: readonly string[] } {
  let decoded: Decoded
  try {
    decoded = decodeObject(parsePlain(decodeYaml(bytes)), kustomizationStruct, {
      strict: true,
      converts: false,
    })
  } catch (cause) {
    throw invalid('invalid Kustomization', cause)
  }
  const warnings = deprecated
    .filter(([field]) => decoded[field] !== undefined)
    .map(
      ([field, successor, note]) =>
        `# Warning: '${field}' is deprecated. Please use '${successor}' instead. ${note}Run 'kustomize edit fix' to update your Kustomization automatically.`,
    )
  const kustomization = mend(decoded)
  if (Object.entries(decoded).every(([key, it]) => key === 'kind' || key === 'apiVersion' || it === '')) {
    throw invalid('kustomization.yaml is empty')
  }
  expectKind(kustomization, where)
  return { kustomization, warnings }
}

/** Puts what the old fields say into the new ones. */
function mend(decoded: Decoded): Kustomization {
  const { bases, imageTags, helmChartInflationGenerator, ...rest } = decoded
  const fields: { [field: string]: unknown } = { ...rest }
  const kind = textOr(fields['kind'], 'Kustomization')
  const apiVersion = textOr(
    fields['apiVersion'],
    kind === 'Component' ? componentVersion : kustomizationVersion,
  )
  fields['resources'] = [...listOf(fields['resources']), ...listOf(bases)]
  fields['images'] = [...listOf(fields['images']), ...listOf(imageTags)]
  for (const field of ['configMapGenerator', 'secretGenerator']) {
    fields[field] = listOf(fields[field]).map((it) => mendGenerator(it as GeneratorArgs))
  }
  const old = listOf(helmChartInflationGenerator) as readonly HelmChartArgs[]
  fields['helmCharts'] = [...listOf(fields['helmCharts']), ...old.map(mendChart)]
  fields['helmGlobals'] ??= globalsOf(old)
  return { ...fields, kind, apiVersion }
}

function mendGenerator(args: GeneratorArgs): GeneratorArgs {
  const { env = '', envs = [], ...rest } = args
  return { ...rest, envs: env === '' ? envs : [...envs, env] }
}

function mendChart(old: HelmChartArgs): HelmChart {
  return {
    ...(old.chartName === undefined ? {} : { name: old.chartName }),
    ...(old.chartVersion === undefined ? {} : { version: old.chartVersion }),
    ...(old.chartRepoUrl === undefined ? {} : { repo: old.chartRepoUrl }),
    ...(old.values === undefined ? {} : { valuesFile: old.values }),
    ...(old.valuesLocal === undefined ? {} : { valuesInline: old.valuesLocal }),
    ...(old.valuesMerge === undefined ? {} : { valuesMerge: old.valuesMerge }),
    ...(old.releaseName === undefined ? {} : { releaseName: old.releaseName }),
  }
}

function globalsOf(old: readonly HelmChartArgs[]): HelmGlobals {
  const chartHome = old.findLast((it) => it.chartHome)?.chartHome
  const configHome = old.findLast((it) => it.helmHome)?.helmHome
  return {
    ...(chartHome === undefined ? {} : { chartHome }),
    ...(configHome === undefined ? {} : { configHome }),
  }
}

function expectKind({ kind, apiVersion }: Kustomization, where: string): void {
  const problems: string[] = []
  if (kind !== 'Kustomization' && kind !== 'Component') {
    problems.push('kind should be Kustomization or Component')
  }
  const wanted = kind === 'Component' ? componentVersion : kustomizationVersion
  if (apiVersion !== wanted) problems.push(`apiVersion for ${kind} should be ${wanted}`)
  if (problems.length === 0) return
  throw invalid(`Failed to read kustomization file under ${where}:\n${problems.join('\n')}`)
}

function invalid(message: string, cause?: unknown): KustomizeError {
  return new KustomizeError('KUSTOMIZATION_INVALID', message, cause === undefined ? {} : { cause })
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback
}

/** The decoder has checked the items. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
