// Fails when a package uses what `layers.ts` does not allow, or imports a sibling that it does not declare.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { type Layer, layers } from './layers.ts'

const scope = '@sluice/'

type Manifest = {
  readonly name: string
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
}
type TsConfig = { readonly references?: readonly { readonly path: string }[] }

const problems = [
  ...Object.entries(layers)
    .filter(([, layer]) => existsSync(layer.path))
    .flatMap(([name, layer]) => checkPackage(name, layer)),
  ...unlistedPackages(),
]
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0

function checkPackage(name: string, { path, mayUse }: Layer): string[] {
  const manifest: Manifest = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'))
  const tsconfig: TsConfig = JSON.parse(readFileSync(`${path}/tsconfig.json`, 'utf8'))
  const declared = siblings(Object.keys(manifest.dependencies ?? {}))
  const referenced = (tsconfig.references ?? []).map((ref) => posix.join(path, ref.path))

  return [
    ...(manifest.name === scope + name ? [] : [`${path}: the package is named ${manifest.name}`]),
    ...declared.filter((dep) => !mayUse.includes(dep)).map((dep) => `${path}: may not depend on ${dep}`),
    ...declared
      .filter((dep) => !referenced.includes(layers[dep]?.path ?? ''))
      .map((dep) => `${path}: no tsconfig reference to ${dep}`),
    ...importedSiblings(`${path}/src`)
      .filter((dep) => !declared.includes(dep) && dep !== name)
      .map((dep) => `${path}: imports ${dep} but does not declare it`),
  ]
}

function unlistedPackages(): string[] {
  const known = new Set(Object.values(layers).map((layer) => layer.path))
  const { workspaces = [] }: Manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  return workspaces
    .flatMap((pattern) => {
      const parent = pattern.replace(/\/\*$/, '')
      if (parent === pattern) return [pattern]
      return existsSync(parent) ? readdirSync(parent).map((dir) => `${parent}/${dir}`) : []
    })
    .filter((path) => existsSync(`${path}/package.json`) && !known.has(path))
    .map((path) => `${path}: not in scripts/layers.ts`)
}

function importedSiblings(dir: string): string[] {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file),
  )
  const specifiers = files.flatMap((file) =>
    [...readFileSync(`${dir}/${file}`, 'utf8').matchAll(/(?:from|import\(?) ?'([^']+)'/g)].map(
      (match) => match[1] ?? '',
    ),
  )
  return [...new Set(siblings(specifiers))]
}

function siblings(specifiers: readonly string[]): string[] {
  return specifiers
    .filter((it) => it.startsWith(scope))
    .map((it) => it.slice(scope.length).split('/')[0] ?? '')
}
