import type { Cluster } from '@sluice/cluster'
import type { ToolkitObject } from '@sluice/toolkit'
import type { CliKind } from './kinds.ts'

/** The objects of the namespace, or the one of that name. */
export async function selectByName(
  cluster: Cluster,
  { resource }: CliKind,
  {
    namespace,
    name,
    signal,
  }: { readonly namespace: string; readonly name?: string; readonly signal: AbortSignal },
): Promise<readonly ToolkitObject[]> {
  const { items } = await cluster.list<ToolkitObject>(resource, {
    namespace,
    signal,
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
  })
  return items
}
