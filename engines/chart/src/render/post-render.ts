import { compareGoStrings } from '@sluice/go'
import { errorChain, isKubeObject, type KubeObject } from '@sluice/ports'
import {
  expandAliases,
  type PlainValue,
  parseDocuments,
  printYaml,
  toPlain,
  type YamlValue,
} from '@sluice/yaml'
import { ChartError } from '../load/chart-error.ts'
import { sortManifests, splitManifests } from './manifests.ts'

/** What rendered objects pass through before they are sorted. */
export type PostRender = {
  /** Whether hooks go through it too, and whether with the rest or by themselves. */
  readonly strategy: 'nohooks' | 'combined' | 'separate'
  readonly transform: (objects: readonly KubeObject[]) => readonly KubeObject[]
}

/** Says of which file an object is while it is on its way; the same as Helm's. */
const fileAnnotation = 'postrenderer.helm.sh/postrender-filename'

/**
 * Sends rendered files through a post-renderer: each object finds back to its file, and what is new gets one of its own.
 *
 * Source: Helm 4.3, `--post-renderer` and its strategies.
 * @param files texts by path
 * @throws {ChartError} with the failure of the transformation as its cause
 */
export function postRenderFiles(
  files: ReadonlyMap<string, string>,
  { strategy, transform }: PostRender,
): Map<string, string> {
  if (strategy === 'combined') return transformed(files, { transform, what: 'files', prefix: '' })
  const { hooks, manifests } = sortManifests(files)
  const hookFiles = joined(hooks.map(({ path, manifest }) => [path, manifest] as const))
  const manifestFiles = joined(manifests.map(({ path, content }) => [path, content] as const))
  const rendered = transformed(manifestFiles, { transform, what: 'manifests', prefix: 'manifests-' })
  const renderedHooks =
    strategy === 'nohooks'
      ? hookFiles
      : transformed(hookFiles, { transform, what: 'hooks', prefix: 'hooks-' })
  return joined([...renderedHooks, ...rendered])
}

type Transformation = Pick<PostRender, 'transform'> & {
  /** What goes through, for messages. */
  readonly what: string
  /** Of the names of files for new objects. */
  readonly prefix: string
}

function transformed(
  files: ReadonlyMap<string, string>,
  { transform, what, prefix }: Transformation,
): Map<string, string> {
  const objects = objectsOfFiles(files, what)
  if (objects.length === 0) return new Map()
  let results: readonly KubeObject[]
  try {
    results = transform(objects)
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const message = `error while running post render on ${what}: ${errorChain(cause)}`
    throw new ChartError('CHART_INVALID', message, { cause })
  }
  return joined(
    results.map((object, index) => {
      const { path = `generated-by-postrender-${prefix}${index}.yaml`, bare } = withoutFile(object)
      return [path, printYaml(bare as unknown as YamlValue)] as const
    }),
  )
}

function objectsOfFiles(files: ReadonlyMap<string, string>, what: string): readonly KubeObject[] {
  return [...files.keys()].toSorted(compareGoStrings).flatMap((path) => {
    if (path.slice(path.lastIndexOf('/') + 1).startsWith('_')) return []
    return splitManifests(files.get(path) ?? '').flatMap((document) =>
      parsed(document, { path, what }).map((object) => withFile(object, path)),
    )
  })
}

function parsed(
  document: string,
  { path, what }: { readonly path: string; readonly what: string },
): readonly KubeObject[] {
  const about = `error merging ${what === 'files' ? 'manifests' : what}: parsing ${path}`
  let values: readonly PlainValue[]
  try {
    // What passes a post-renderer is read as kustomize reads it: `yes` is a text there, not a boolean of YAML 1.1.
    values = parseDocuments(document).map((node) => toPlain(expandAliases(node)))
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new ChartError('CHART_INVALID', `${about}: ${cause.message}`, { cause })
  }
  return values.flatMap((value) => {
    if (value === null || value === undefined) return []
    if (!isKubeObject(value)) {
      throw new ChartError('CHART_INVALID', `${about}: an object has no apiVersion, kind or metadata`)
    }
    return itemsOf(value)
  })
}

/** A list stands for its items. */
function itemsOf(object: KubeObject): readonly KubeObject[] {
  const { kind, items } = object as KubeObject & { readonly items?: unknown }
  return kind === 'List' && Array.isArray(items) ? items.filter(isKubeObject) : [object]
}

function withFile(object: KubeObject, path: string): KubeObject {
  const { metadata } = object
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [fileAnnotation]: path } },
  }
}

function withoutFile(object: KubeObject): { readonly path?: string; readonly bare: KubeObject } {
  const { annotations = {}, ...metadata } = object.metadata
  const { [fileAnnotation]: path, ...others } = annotations
  const isBare = Object.keys(others).length === 0
  const bare = { ...object, metadata: isBare ? metadata : { ...metadata, annotations: others } }
  return path === undefined ? { bare: object } : { path, bare }
}

function joined(parts: readonly (readonly [string, string])[]): Map<string, string> {
  const files = new Map<string, string>()
  for (const [path, text] of parts) {
    const before = files.get(path)
    files.set(path, before === undefined ? text : `${before}\n---\n${text}`)
  }
  return files
}
