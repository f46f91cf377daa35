import type { Chart } from '../chart.ts'

/** A CRD file of a chart or its dependencies, by the path that Helm names it by. */
export type CrdFile = { readonly path: string; readonly content: string }

const manifestEnding = /\.(ya?ml|json)$/i
const decoder = new TextDecoder()

/** The files of all `crds/` folders, those of a chart before those of its dependencies. */
export function crdsOf(chart: Chart, parentPath = ''): CrdFile[] {
  const { name } = chart.metadata
  const path = parentPath === '' ? name : `${parentPath}/charts/${name}`
  const own = chart.files
    .filter((file) => file.name.startsWith('crds/') && manifestEnding.test(file.name))
    .map((file) => ({ path: `${path}/${file.name}`, content: decoder.decode(file.data) }))
  return [...own, ...chart.dependencies.flatMap((it) => crdsOf(it, path))]
}
