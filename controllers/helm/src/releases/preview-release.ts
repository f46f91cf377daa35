import { type HookEvent, hooksFor, objectsOf, owned, type Rendered } from '@sluice/chart'
import { type Change, formatObjectId, idOf, isApiError, type PreviewSet, previewAll } from '@sluice/cluster'
import { normalizeObject } from '@sluice/delivery'
import { type KubeObject, parseApiVersion } from '@sluice/ports'
import { fieldManagers } from '@sluice/toolkit'
import { concurrency, placed, type Site } from './apply/placed.ts'
import { read } from './apply/update.ts'
import type { ActionWorld } from './release-action.ts'
import { renderFor } from './release-action.ts'
import type { ReleaseContent } from './release-client.ts'

/** What making a release would do. */
export type ReleasePreview = PreviewSet & {
  readonly deleted: readonly Change[]
  /** Hooks that would run, as `Job/apps/migrate runs (pre-upgrade)`. */
  readonly hooks: readonly string[]
}

export type PreviewOptions = { readonly disableHooks?: boolean; readonly disableSchemaValidation?: boolean }

const events: Readonly<Record<'install' | 'upgrade', readonly HookEvent[]>> = {
  install: ['pre-install', 'post-install'],
  upgrade: ['pre-upgrade', 'post-upgrade'],
}

/**
 * Renders a chart and has its objects pass dry runs; nothing is written.
 *
 * @throws {ChartError} {@link ValuesError} {@link TemplateError} {@link ApiError}
 */
export async function previewRelease(
  world: ActionWorld,
  content: ReleaseContent,
  { options, site }: { readonly options: PreviewOptions; readonly site: Site },
): Promise<ReleasePreview> {
  const { target, records, deps } = world
  const last = (await records.history(site.signal)).at(-1)
  const action = last && last.info.status !== 'uninstalled' ? 'upgrade' : 'install'
  const { name, namespace } = target
  const release = {
    name,
    namespace,
    revision: (last?.revision ?? 0) + 1,
    isInstall: action === 'install',
    isUpgrade: action === 'upgrade',
  }
  const { disableSchemaValidation: skipSchemaValidation = false } = options
  const rendered = await renderFor(world, { ...content, release }, { site, skipSchemaValidation })
  const objects = await inPlace(objectsIn(rendered, { name, namespace }), site)
  const previews = await previewAll(objects, {
    cluster: site.cluster,
    clock: deps.clock,
    signal: site.signal,
    fieldManager: fieldManagers.helmController,
    concurrency,
  })
  const former = last && action === 'upgrade' ? objectsOf(last.manifest) : []
  return {
    ...previews,
    deleted: await deletions(former, objects, site),
    hooks: options.disableHooks ? [] : events[action].flatMap((event) => hookLines(rendered, event, site)),
  }
}

function objectsIn(
  { manifests }: Pick<Rendered, 'manifests'>,
  release: { readonly name: string; readonly namespace: string },
): readonly KubeObject[] {
  return manifests
    .flatMap(({ content }) => objectsOf(content))
    .map((it) => owned(normalizeObject(it), release))
}

/** Objects in their namespaces; those of kinds that the cluster has not are where they say. */
async function inPlace(objects: readonly KubeObject[], site: Site): Promise<readonly KubeObject[]> {
  return await Promise.all(
    objects.map(async (object) => {
      try {
        return (await placed(object, site)).object
      } catch (error) {
        if (isApiError(error, 'NoKindMatch')) return object
        throw error
      }
    }),
  )
}

/** What the release before has, and the one to be has not. */
async function deletions(
  former: readonly KubeObject[],
  objects: readonly KubeObject[],
  site: Site,
): Promise<readonly Change[]> {
  const wanted = new Set(objects.map(identityOf))
  const deleted: Change[] = []
  for (const object of await inPlace(former, site)) {
    if (wanted.has(identityOf(object))) continue
    // Few objects go from one revision to the next.
    const live = await liveOf(object, site)
    if (!live || live.metadata.annotations?.['helm.sh/resource-policy'] === 'keep') continue
    const { version } = parseApiVersion(object.apiVersion)
    deleted.push({ id: idOf(object), version, action: 'deleted' })
  }
  return deleted
}

async function liveOf(object: KubeObject, site: Site): Promise<KubeObject | undefined> {
  try {
    return await read(await placed(object, site), site)
  } catch (error) {
    if (isApiError(error, 'NoKindMatch')) return undefined
    throw error
  }
}

function identityOf(object: KubeObject): string {
  const id = idOf(object)
  return `${id.group} ${formatObjectId(id)}`
}

function hookLines({ hooks }: Pick<Rendered, 'hooks'>, event: HookEvent, site: Site): readonly string[] {
  return hooksFor(hooks, event).map(({ kind, name }) => `${kind}/${site.namespace}/${name} runs (${event})`)
}
