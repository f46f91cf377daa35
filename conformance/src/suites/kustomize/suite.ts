import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartInflater } from '@sluice/delivery'
import { hostCompression, nodeCrypto } from '@sluice/host'
import { type BuildOptions, build, printResources } from '@sluice/kustomize'
import { errorChain, type FileTree, type MemoryFile, memoryFileTree } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { type Case, expectText, Mismatch, type Suite } from '../../suite.ts'
import { expectSameError } from './error-text.ts'

/** What a case's `meta.json` says. */
type Meta = {
  readonly path: string
  readonly options: readonly string[]
  readonly exit: number
  readonly links?: Readonly<Record<string, string>>
  readonly match?: string
}

const helmOptions = {
  compression: hostCompression,
  ports: { clock: fakeClock(0), random: seededRandom(1), crypto: nodeCrypto },
}
const parts = ['suite', 'real', 'errors']
/** How the recordings call the directory of a case's input. */
const place = '{{INPUT}}'

/** kustomize's own tests, trees of real projects, and bad input. */
export const suite: Suite = {
  load: (folder) => {
    const features = readFeatures(folder)
    return parts
      .filter((part) => existsSync(join(folder, part)))
      .flatMap((part) => readdirSync(join(folder, part)).map((name) => `${part}/${name}`))
      .filter((name) => existsSync(join(folder, name, 'meta.json')))
      .map((name) => makeCase(folder, name, features.get(name) ?? []))
  },
}

function makeCase(folder: string, name: string, features: readonly string[]): Case {
  const part = name.slice(0, name.indexOf('/'))
  return { name, features: [part, ...features], run: () => runCase(join(folder, name)) }
}

function runCase(directory: string): void {
  const meta: Meta = JSON.parse(readFileSync(join(directory, 'meta.json'), 'utf8'))
  let output: string
  try {
    const { path, options } = parseFlags(meta.options, meta.path)
    const tree = readTree(join(directory, 'input'), meta.links ?? {})
    const inflater = meta.options.includes('--enable-helm') && chartInflater(tree, helmOptions)
    const built = build(tree, path, { ...options, place, ...(inflater && { inflater }) })
    output = printResources(built.resources)
  } catch (error) {
    if (meta.exit === 0) throw error
    const wanted = join(directory, 'expected-error.txt')
    if (meta.match !== 'exit-only' && existsSync(wanted)) {
      expectSameError(errorChain(error), readFileSync(wanted, 'utf8'))
    }
    return
  }
  if (meta.exit !== 0) throw new Mismatch(`want exit ${meta.exit}, got a result`)
  if (meta.match !== 'exit-only') expectText(output, readFileSync(join(directory, 'expected.yaml'), 'utf8'))
}

/** Flags as kustomize takes them. @throws {Mismatch} for those that it refuses. */
function parseFlags(flags: readonly string[], path: string): { path: string; options: BuildOptions } {
  let options: BuildOptions = {}
  for (let i = 0; i < flags.length; i += 1) {
    const flag = flags[i] ?? ''
    if (flag === '--enable-helm') continue
    if (!flag.startsWith('-')) throw new Mismatch('specify one path to kustomization.yaml')
    const value = flags[i + 1] ?? ''
    i += 1
    if (flag === '--load-restrictor' && value === 'LoadRestrictionsNone') {
      options = { ...options, loadRestrictor: 'none' }
    } else if (flag === '--reorder' && (value === 'none' || value === 'legacy')) {
      options = { ...options, reorder: value }
    } else {
      throw new Mismatch(`illegal flag ${flag} ${value}`)
    }
  }
  return { path, options }
}

function readTree(directory: string, links: Readonly<Record<string, string>>): FileTree {
  const files: (readonly [string, MemoryFile])[] = []
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.push([path.slice(directory.length + 1), readFileSync(path)])
  }
  for (const [path, link] of Object.entries(links)) files.push([path, { link }])
  return memoryFileTree(files)
}

/** Features by case, from the index of the recordings, where there is one. */
function readFeatures(folder: string): ReadonlyMap<string, readonly string[]> {
  const index = join(folder, 'INDEX.tsv')
  if (!existsSync(index)) return new Map()
  const [header = '', ...rows] = readFileSync(index, 'utf8').trimEnd().split('\n')
  const columns = header.split('\t')
  const [caseAt, needsAt, featuresAt] = ['case', 'needs', 'features'].map((it) => columns.indexOf(it))
  return new Map(
    rows.map((row) => {
      const cells = row.split('\t')
      const needs = cells[needsAt ?? -1] ?? ''
      const features = (cells[featuresAt ?? -1] ?? '').split(',').filter((it) => it !== '')
      return [cells[caseAt ?? -1] ?? '', needs === '' ? features : [...features, `needs:${needs}`]]
    }),
  )
}
