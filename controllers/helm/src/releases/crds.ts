import {
  type ApplyMethod,
  type Chart,
  crdsOf,
  enableDependencies,
  type MutableValues,
  objectsOf,
} from '@sluice/chart'
import { type KubeObject, parseApiVersion } from '@sluice/ports'
import { createObjects } from './apply/create.ts'
import { ReleaseObjectError, type Site } from './apply/placed.ts'
import { updateObjects } from './apply/update.ts'
import { type WaitContext, waitUntilCurrent } from './wait/poller.ts'

export type CrdPolicy = 'Skip' | 'Create' | 'CreateReplace'

export type CrdOptions = {
  readonly policy: CrdPolicy
  readonly method: ApplyMethod
  readonly labels: Readonly<Record<string, string>>
}

/** Definitions have this long to be taken up. */
const timeoutMs = 60_000

/**
 * Brings the definitions of a chart's `crds/` folders into the cluster, outside of the release: they are never removed.
 * Answers whether any was written.
 *
 * @throws {ReleaseObjectError} in Flux's words
 */
export async function applyCrds(
  { chart, values }: { readonly chart: Chart; readonly values: MutableValues },
  { policy, method, labels }: CrdOptions,
  { site, clock }: Pick<WaitContext, 'site' | 'clock'>,
): Promise<boolean> {
  const log = (message: string): void => site.log({ level: 'debug', message, fields: {} })
  const files = crdsOf(enableDependencies(chart, values, () => {}))
  if (files.length === 0) return false
  if (policy === 'Skip') {
    log(`skipping CustomResourceDefinition apply: policy is set to ${policy}`)
    return false
  }
  try {
    const definitions = files
      .flatMap(({ content }) => objectsOf(content))
      .filter(isDefinition)
      .map((it) => labelled(it, labels))
    log(`applying CustomResourceDefinition(s) with policy ${policy}`)
    const written =
      policy === 'Create'
        ? await createAll(definitions, method, site)
        : await replaceAll(definitions, method, site)
    if (written.length === 0) return false
    await attemptWait(written, { site, clock, timeoutMs })
    log(`successfully applied ${written.length} CustomResourceDefinition(s)`)
    return true
  } catch (cause) {
    site.signal.throwIfAborted()
    if (!(cause instanceof Error)) throw cause
    const message = `failed to apply CustomResourceDefinitions: ${cause.message}`
    throw new ReleaseObjectError(message, cause)
  }
}

/** Creates definitions; applying them at the server brings those that exist up to date. */
async function createAll(
  definitions: readonly KubeObject[],
  method: ApplyMethod,
  site: Site,
): Promise<readonly KubeObject[]> {
  const created: KubeObject[] = []
  for (const object of definitions) {
    // One after the other, as they are in the chart: a later file may repeat an earlier one.
    if (await createDefinition(object, method, site)) created.push(object)
  }
  return created
}

async function createDefinition(object: KubeObject, method: ApplyMethod, site: Site): Promise<boolean> {
  const { name = '' } = object.metadata
  try {
    const create = { objects: [object], method, keepExisting: true }
    if (await createObjects(create, site, { force: method === 'ssa' })) return true
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const message = `failed to create CustomResourceDefinition ${name}: ${cause.message}`
    throw new ReleaseObjectError(message, cause)
  }
  const message = `CustomResourceDefinition ${name} is already present. Skipping.`
  site.log({ level: 'debug', message, fields: {} })
  return false
}

async function replaceAll(
  definitions: readonly KubeObject[],
  method: ApplyMethod,
  site: Site,
): Promise<readonly KubeObject[]> {
  const update = { from: [], to: definitions, method, migrates: false, adopts: false }
  const { failure } = await updateObjects({ ...update, replaces: method === 'csa' }, site)
  if (failure) {
    const message = `failed to update CustomResourceDefinition(s): ${failure.message}`
    throw new ReleaseObjectError(message, failure)
  }
  return definitions
}

async function attemptWait(definitions: readonly KubeObject[], context: WaitContext): Promise<void> {
  try {
    await waitUntilCurrent(definitions, { jobs: false }, context)
  } catch (cause) {
    context.site.signal.throwIfAborted()
    if (!(cause instanceof Error)) throw cause
    const message = `failed to wait for CustomResourceDefinition(s): ${cause.message}`
    throw new ReleaseObjectError(message, cause)
  }
}

/** `crds/` is for definitions alone; what else lies there belongs into `templates/`. */
function isDefinition({ apiVersion, kind }: KubeObject): boolean {
  return parseApiVersion(apiVersion).group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition'
}

function labelled(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } }
}
