import { posix } from 'node:path'
import type { Chart } from '@sluice/chart'
import { type FileTree, ToolkitError } from '@sluice/ports'
import type { HelmChart } from '@sluice/toolkit'
import { mergeValues, type ValuesTable } from '../shared/merge-values.ts'
import { chartFile, parseValues } from './chart-package.ts'

/** Values of several files, and which of them there were. */
export type MergedValues = { readonly values: ValuesTable; readonly used: readonly string[] }

/** The files to merge; none when it is the chart's own alone, which is what a chart has anyway. */
export function valuesFilesOf({ spec }: HelmChart): readonly string[] {
  const { valuesFiles = [] } = spec
  const [only] = valuesFiles
  return valuesFiles.length === 1 && only !== undefined && posix.normalize(only) === 'values.yaml'
    ? []
    : valuesFiles
}

/** Merges files of the source; their paths are relative to its root. @throws {ToolkitError} */
export function mergeTreeFiles(object: HelmChart, tree: FileTree): MergedValues {
  return mergeFiles(object, (reference) => {
    const path = posix.join('/', reference)
    const data = tree.stat(path.slice(1))?.kind === 'file' ? tree.read(path.slice(1)) : undefined
    // Only what is not there at all may be missing.
    const isAbsent = tree.stat(path.slice(1)) === undefined
    return { data, isAbsent, missing: `no values file found at path '${path}' (reference '${reference}')` }
  })
}

/** Merges files of the chart itself; its own values count although it has none. @throws {ToolkitError} */
export function mergeChartFiles(object: HelmChart, chart: Chart): MergedValues {
  return mergeFiles(object, (reference) => {
    const name = posix.normalize(reference)
    const found = chartFile(chart, name)
    const data = found ?? (name === 'values.yaml' ? new Uint8Array() : undefined)
    return { data, isAbsent: data === undefined, missing: `no values file found at path '${reference}'` }
  })
}

type FoundFile = {
  readonly data: Uint8Array | undefined
  readonly isAbsent: boolean
  /** What to say when it is not there. */
  readonly missing: string
}

function mergeFiles({ spec }: HelmChart, find: (reference: string) => FoundFile): MergedValues {
  const { valuesFiles = [], ignoreMissingValuesFiles } = spec
  let values: ValuesTable = {}
  const used: string[] = []
  for (const reference of valuesFiles) {
    const { data, isAbsent, missing } = find(reference)
    if (isAbsent && ignoreMissingValuesFiles) continue
    if (!data) throw new ToolkitError('VALUES_FILE_MISSING', missing)
    values = mergeValues(values, parseValues(data, reference))
    used.push(reference)
  }
  return { values, used }
}
