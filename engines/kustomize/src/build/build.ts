import { sprintf } from '@sluice/go'
import type { FileTree } from '@sluice/ports'
import { type PlainValue, printCanonical, toPlain, type YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { Loader } from '../loading/loader.ts'
import {
  localConfigAnnotation,
  originAnnotation,
  removedAnnotations,
  transformationsAnnotation,
} from '../resource/build-annotations.ts'
import { expectResource } from '../resource/read-resources.ts'
import { formatId } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import type { ResourceList } from '../resource/resource-list.ts'
import { hashTransformer } from '../transform/hash.ts'
import { entriesTransformer } from '../transform/labels.ts'
import { nameReferenceTransformer } from '../transform/name-references.ts'
import { sortTransformer } from '../transform/sort-order.ts'
import { Accumulator } from './accumulator.ts'
import { BuildContext } from './context.ts'
import { describeDuplicates, goValueOf } from './go-value.ts'
import type { BuildOptions } from './options.ts'
import { type Origin, readOrigin } from './origin.ts'
import { Target } from './target.ts'

const defaultMaxFileBytes = 32 * 1024 * 1024
/** The release whose behaviour this is; kustomize puts its own there. */
const managedBy = 'kustomize-v5.8.1'

/** One object of a build's result. */
export class BuiltResource {
  readonly node: YamlNode
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** Where it comes from, seen from the kustomization that was built; only with the option `origins`. */
  readonly origin: Origin | undefined

  constructor({ node, apiVersion, kind, name, namespace }: Resource, origin: Origin | undefined) {
    this.node = node
    this.apiVersion = apiVersion
    this.kind = kind
    this.name = name
    this.namespace = namespace
    this.origin = origin
  }

  /** The object as kustomize prints it. @throws {KustomizeError} when it cannot be printed. */
  toYaml(): string {
    return this.converting(() => printCanonical(this.node))
  }

  /** The object as plain JSON, with what {@link toYaml} prints. @throws {KustomizeError} when it cannot be. */
  toObject(): PlainValue {
    return this.converting(() => toPlain(this.node))
  }

  private converting<T>(convert: () => T): T {
    try {
      return convert()
    } catch (cause) {
      const duplicates = describeDuplicates(this.node)
      const object =
        duplicates.length > 0 ? 'map[string]interface {}(nil)' : sprintf('%#v', [goValueOf(this.node)])
      const problem = ['yaml: unmarshal errors:', ...duplicates].join('\n  ')
      throw duplicates.length > 0
        ? new KustomizeError('RESOURCE_INVALID', `${object}: ${problem}`)
        : new KustomizeError('RESOURCE_INVALID', object, { cause })
    }
  }
}

/** What a build has made. */
export type BuildResult = {
  readonly resources: readonly BuiltResource[]
  /** What kustomize prints to standard error: deprecated fields, unused variables. */
  readonly warnings: readonly string[]
}

/**
 * Builds the kustomization in the directory `path` of a tree.
 *
 * @throws {KustomizeError} naming file, object and field, as far as they are known.
 */
export function build(tree: FileTree, path: string, options: BuildOptions = {}): BuildResult {
  const context = new BuildContext(options)
  const loader = Loader.at(tree, path, {
    restrict: options.loadRestrictor !== 'none',
    remote: options.remote,
    place: options.place,
    maxFileBytes: options.maxFileBytes ?? defaultMaxFileBytes,
  })
  const target = new Target(loader, context)
  target.chooseSchemas()
  const accumulator = target.accumulate(new Accumulator())
  const { resources, config } = accumulator
  hashTransformer(resources)
  nameReferenceTransformer(config.nameReference)(resources)
  const unused = accumulator.resolveVariables()
  if (unused.length > 0) {
    context.warnings.push(`well-defined vars that were never replaced: ${unused.join(',')}`)
  }
  dropLocal(resources)
  order(resources, target, options)
  const metadata = target.kustomization.buildMetadata ?? []
  if (options.managedByLabel || metadata.includes('managedByLabel')) {
    const labels = new Map([['app.kubernetes.io/managed-by', managedBy]])
    entriesTransformer(labels, [{ path: 'metadata/labels', create: true }])(resources)
  }
  const built = resources.all.map((it) => {
    const origin = options.origins ? readOrigin(it) : undefined
    removeBuildAnnotations(it, metadata)
    return new BuiltResource(it, origin)
  })
  return { resources: built, warnings: context.warnings }
}

/** The YAML stream of a result, as `kustomize build` prints it. */
export function printResources(resources: readonly BuiltResource[]): string {
  return resources.map((it) => it.toYaml()).join('---\n')
}

/**
 * Leaves out what is there for functions only.
 *
 * @throws {KustomizeError} when transformers have made two of one identity, or one without kind or name.
 */
function dropLocal(resources: ResourceList): void {
  resources.expectDistinct()
  const kept = resources.all.filter((it) => {
    if (it.node.content.length === 0) return false
    expectResource(it.node)
    const local = it.annotations.get(localConfigAnnotation)
    return local === undefined || local === 'false'
  })
  if (kept.length < resources.all.length) resources.replaceAll(kept)
}

function order(
  resources: ResourceList,
  { kustomization }: Target,
  { reorder = 'legacy' }: BuildOptions,
): void {
  const { sortOptions } = kustomization
  if (sortOptions) sortTransformer(sortOptions)(resources)
  else if (reorder === 'legacy') sortTransformer({ order: 'legacy' })(resources)
}

/** Takes away what builds keep in annotations; those that are left become strings. */
function removeBuildAnnotations(resource: Resource, metadata: readonly string[]): void {
  const annotations = resource.annotations
  for (const it of removedAnnotations) annotations.delete(it)
  if (!metadata.includes('originAnnotations')) annotations.delete(originAnnotation)
  if (!metadata.includes('transformerAnnotations')) annotations.delete(transformationsAnnotation)
  try {
    resource.setAnnotations(annotations)
  } catch (cause) {
    throw new KustomizeError('FIELD_INVALID', `cleaning up annotations of ${formatId(resource.id)}`, {
      cause,
    })
  }
}
