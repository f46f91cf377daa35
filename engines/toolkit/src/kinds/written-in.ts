import type { KubeObject } from '@sluice/ports'

/** Whether someone has written an object, other than its status, in one of these versions of its API. */
export function isWrittenIn({ metadata }: KubeObject, versions: readonly string[]): boolean {
  return (metadata.managedFields ?? []).some(
    ({ apiVersion, subresource }) =>
      subresource !== 'status' && versions.includes(apiVersion?.split('/').at(-1) ?? ''),
  )
}
