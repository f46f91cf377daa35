import { formatApiVersion } from '@sluice/ports'
import type { Resource } from '../cluster.ts'
import { isRecord } from './answers.ts'

const listKind = 'APIGroupDiscoveryList'

/** Asks for all groups in one answer, and takes the list of their names from servers that have no such answer. */
export const accept: string = `application/json;g=apidiscovery.k8s.io;v=v2;as=${listKind},application/json`

/** What one version of a group has. */
export type ServedVersion = { readonly apiVersion: string; readonly resources: readonly Resource[] }

export function isAggregated(body: unknown): boolean {
  return isRecord(body) && body['kind'] === listKind
}

/** The versions in an answer about all groups, in its order. */
export function aggregatedResources(body: unknown): readonly ServedVersion[] {
  return recordsOf(body, 'items').flatMap((item) => {
    const { metadata } = item
    const group = (isRecord(metadata) && textOf(metadata['name'])) || ''
    return recordsOf(item, 'versions').map(({ version, resources }) => {
      const served = { group, version: textOf(version) }
      return {
        apiVersion: formatApiVersion(group, served.version),
        resources: recordsOf({ resources }, 'resources').flatMap((it) => resourceOf(it, served)),
      }
    })
  })
}

function resourceOf(
  { resource, responseKind, scope }: Readonly<Record<string, unknown>>,
  served: Pick<Resource, 'group' | 'version'>,
): readonly Resource[] {
  const kind = isRecord(responseKind) ? textOf(responseKind['kind']) : ''
  const plural = textOf(resource)
  if (kind === '' || plural === '') return []
  return [{ ...served, kind, plural, namespaced: scope === 'Namespaced' }]
}

function recordsOf(value: unknown, field: string): readonly Readonly<Record<string, unknown>>[] {
  const list = isRecord(value) ? value[field] : undefined
  return Array.isArray(list) ? list.filter(isRecord) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
