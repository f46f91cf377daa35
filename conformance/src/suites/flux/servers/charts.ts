import { createHash } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { parseYaml, printYaml } from '@sluice/yaml'
import { filesIn, pack, recordedFiles } from './packed-files.ts'

/** The versions of the chart `mini` that the recorded Helm repositories held. */
const versions = ['0.1.0', '0.2.0', '1.0.0']

/** Archives of the chart `mini` by version; they differ in version and appVersion alone. */
export async function miniCharts(recordings: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const folder = join(recordings, '24-helmrepository-helmchart/input/git-charts-01/charts/mini')
  const files = filesIn(recordedFiles(folder))
  const archives = new Map<string, Uint8Array>()
  for (const version of versions) {
    archives.set(version, await pack(withVersion(files, version)))
  }
  return archives
}

/** The files in the order and form in which `helm package` writes them. */
function withVersion(
  files: ReadonlyMap<string, Uint8Array>,
  version: string,
): ReadonlyMap<string, Uint8Array> {
  const metadata = parseYaml(new TextDecoder().decode(files.get('Chart.yaml')))
  if (typeof metadata !== 'object' || metadata === null) return new Map()
  const chartYaml = printYaml(Object.assign({}, metadata, { version, appVersion: version }))
  const names = [...files.keys()].filter((name) => name !== 'Chart.yaml' && name !== 'values.yaml')
  const templates = names.filter((name) => name.startsWith('templates/'))
  const others = names.filter((name) => !name.startsWith('templates/'))
  const empty = new Uint8Array()
  return new Map([
    ['mini/Chart.yaml', new TextEncoder().encode(chartYaml)],
    ...['values.yaml', ...templates, ...others].map(
      (name) => [`mini/${name}`, files.get(name) ?? empty] as const,
    ),
  ])
}

/** A static Helm repository below any path. */
export function chartRepository(archives: ReadonlyMap<string, Uint8Array>): RequestListener {
  const entries = [...archives].map(([version, archive]) => {
    const digest = createHash('sha256').update(archive).digest('hex')
    const created = '2023-09-01T00:00:00Z'
    return {
      apiVersion: 'v2',
      name: 'mini',
      version,
      appVersion: version,
      created,
      digest,
      urls: [`mini-${version}.tgz`],
    }
  })
  const index = JSON.stringify({
    apiVersion: 'v1',
    entries: { mini: entries },
    generated: '2023-09-01T00:00:00Z',
  })
  return (request, response) => {
    const name = (request.url ?? '').split('/').at(-1) ?? ''
    const archive = archives.get(/^mini-(.*)\.tgz$/.exec(name)?.[1] ?? '')
    if (name === 'index.yaml') response.end(index)
    else if (archive) response.end(archive)
    else response.writeHead(404).end()
  }
}
