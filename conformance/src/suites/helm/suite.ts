import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Case, Mismatch, type Suite } from '../../suite.ts'
import { runIndexCase, runUrlCase } from './index-case.ts'
import { type PackagingMeta, runLoadCase, runPackageCase } from './packaging-case.ts'
import { type ReleaseMeta, runReleaseCase } from './release-case.ts'
import { runTemplateCase, type TemplateMeta } from './template-case.ts'

const groups = ['real', 'own', 'packaging', 'releases', 'index'] as const

export const suite: Suite = {
  load: (folder) => {
    const features = featuresOf(folder)
    return groups
      .filter((group) => existsSync(join(folder, group)))
      .flatMap((group) => groupCases(folder, group, features))
  },
}

function groupCases(root: string, group: string, features: ReadonlyMap<string, readonly string[]>): Case[] {
  const folder = join(root, group)
  return metaFolders(join(folder, 'cases')).map((path) => {
    const name = `${group}/${path}`
    return {
      name,
      features: [group, ...(features.get(name) ?? [])],
      run: () => runCase(folder, join(folder, 'cases', path)),
    }
  })
}

/** `meta.json` of a case, by what it runs. */
type Meta =
  | ({ readonly command: 'template' } & TemplateMeta)
  | ({ readonly command: 'package' | 'load' } & PackagingMeta)
  | ({ readonly command: 'release' } & ReleaseMeta)
  | { readonly command: 'index' | 'resolve-url' }

function runCase(group: string, folder: string): void {
  const file = join(folder, 'meta.json')
  if (!existsSync(file)) throw new Mismatch('the case has no meta.json')
  const meta = JSON.parse(readFileSync(file, 'utf8')) as Meta
  switch (meta.command) {
    case 'template':
      return runTemplateCase(group, folder, meta)
    case 'index':
      return runIndexCase(folder)
    case 'resolve-url':
      return runUrlCase(folder)
    case 'package':
      return runPackageCase(group, folder, meta)
    case 'load':
      return runLoadCase(folder, meta)
    case 'release':
      return runReleaseCase(group, folder, meta)
  }
}

/** Folders of cases below `folder`: those with files of their own, `chart/case` or just `case`. */
function metaFolders(folder: string): string[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((chart) => {
      const inner = readdirSync(join(folder, chart), { withFileTypes: true })
      if (inner.some((it) => it.isFile())) return [chart]
      return inner.map((it) => `${chart}/${it.name}`).toSorted()
    })
}

/** `INDEX.tsv`: case → what it uses. */
function featuresOf(folder: string): ReadonlyMap<string, readonly string[]> {
  const file = join(folder, 'INDEX.tsv')
  if (!existsSync(file)) return new Map()
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1)
  return new Map(
    rows.map((row) => {
      const [name = '', , , features = ''] = row.split('\t')
      return [name, features.split(',').filter((it) => it !== '-')]
    }),
  )
}
