import { type Chart, crdsOf, enableDependencies, type Release } from '@sluice/chart'
import { formatInventoryId, type InventoryEntry, idOf } from '@sluice/cluster'
import { errorChain, isKubeObject, type KubeObject, parseApiVersion } from '@sluice/ports'
import { parseYamlDocuments, YamlError } from '@sluice/yaml'
import { helmReasons } from '../reasons.ts'
import { need, type Work } from '../work.ts'
import type { ReleaseContext } from './release-context.ts'

const hookAnnotation = 'helm.sh/hook'

/** Notes which objects the release that was written last consists of, and the definitions of the chart that was wanted. */
export async function recordInventory(context: ReleaseContext): Promise<void> {
  const { work } = context
  const { run, object } = work
  const release = context.lastWritten()
  if (!release) return
  try {
    const objects = objectsIn(release.manifest).filter(
      ({ metadata }) => metadata.annotations?.[hookAnnotation] === undefined,
    )
    const chart = await wantedChart(work)
    const definitions = chart ? crdsOf(chart).flatMap(({ content }) => objectsIn(content)) : []
    const placed = await placeObjects(context, objects, release)
    run.status.inventory = { entries: [...placed, ...definitions].map(entryOf) }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const { namespace, name } = object.metadata
    run.event({
      type: 'Warning',
      reason: helmReasons.inventoryBuildFailed,
      message: `failed to build inventory for ${namespace}/${name}: failed to parse manifest: ${errorChain(error)}`,
    })
  }
}

/** The chart that the run is about, with the dependencies that its values turn on. It may be gone after a long action. */
async function wantedChart(work: Work): Promise<Chart | undefined> {
  try {
    return enableDependencies(await need(work, 'chart').load(), need(work, 'values'), () => {})
  } catch (error) {
    work.run.signal.throwIfAborted()
    work.run.log.debug(`the inventory lacks definitions of the chart: ${errorChain(error)}`)
    return undefined
  }
}

/** Objects of namespaced kinds that name no namespace are in the release's. */
async function placeObjects(
  { work }: ReleaseContext,
  objects: readonly KubeObject[],
  { namespace }: Release,
): Promise<readonly KubeObject[]> {
  const { run } = work
  const warnings = new Set<string>()
  const placed: KubeObject[] = []
  for (const object of objects) {
    const { apiVersion, kind, metadata } = object
    if (metadata.namespace) {
      placed.push(object)
      continue
    }
    try {
      // Discovery is kept: a kind is asked for once.
      const { namespaced } = await need(work, 'target').resourceFor(apiVersion, kind, { signal: run.signal })
      placed.push(namespaced ? { ...object, metadata: { ...metadata, namespace } } : object)
    } catch (error) {
      run.signal.throwIfAborted()
      warnings.add(
        `failed to determine if ${kind} is namespace scoped, skipping namespace: ${errorChain(error)}`,
      )
      placed.push(object)
    }
  }
  if (warnings.size > 0) {
    const message = [...warnings].join('; ')
    run.event({ type: 'Warning', reason: helmReasons.namespaceCheckSkipped, message })
  }
  return placed
}

function objectsIn(text: string): readonly KubeObject[] {
  return parseYamlDocuments(text).flatMap(({ value }) => flattened(value))
}

/** An object, or the items of a list of them. */
function flattened(value: unknown): readonly KubeObject[] {
  if (!isKubeObject(value)) return []
  const { items } = value as { readonly items?: unknown }
  return value.kind.endsWith('List') && Array.isArray(items) ? items.filter(isKubeObject) : [value]
}

function entryOf(object: KubeObject): InventoryEntry {
  return { id: formatInventoryId(idOf(object)), v: parseApiVersion(object.apiVersion).version }
}
