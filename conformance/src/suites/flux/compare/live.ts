import { readFileSync } from 'node:fs'
import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { parseDocument, toPlain } from '@sluice/yaml'
import { Mismatch } from '../../../suite.ts'
import type { Kubectl } from '../kubectl.ts'
import { firstDifference, normalizeJson, type Substitutions } from '../normalize.ts'
import type { Moments } from '../timeline/moments.ts'
import type { Timeline } from '../timeline/timeline.ts'

/** What a recorded state is compared with. */
export type Live = {
  readonly cluster: Cluster
  readonly kubectl: Kubectl
  readonly helm: Kubectl
  readonly namespace: string
  readonly commits: Substitutions
  /** Objects that steps have asked to be reconciled, as `kind/name`. */
  readonly requested: ReadonlySet<string>
  /** What objects went through. */
  readonly timeline: Timeline
  /** Where in that time the records are. */
  readonly moments: Moments
  /** Fetches an artifact by the URL in its status. */
  readonly fetchArtifact: (url: string) => Promise<Uint8Array>
  /** Where artifacts are stored. */
  readonly artifactDirectory: string
  /** Holds the bare repositories, `<name>.git`. */
  readonly gitDirectory: string
  readonly signal: AbortSignal
}

/** Compares a recorded file with what is live. Returns the first difference. */
export type Compare = (file: string, live: Live) => Promise<string | undefined>

/** What was recorded is written for readers to whom `y` is a text, as to go-yaml v3. */
export function recordedObject(file: string): KubeObject {
  const document = parseDocument(readFileSync(file, 'utf8'))
  if (!document) throw new Mismatch('the record is empty')
  return toPlain(document) as KubeObject
}

/** The live object of the same name. */
export async function find(
  { apiVersion, kind, metadata: { namespace, name = '' } }: KubeObject,
  { cluster, signal }: Live,
): Promise<KubeObject | undefined> {
  try {
    const resource: Resource = await cluster.resourceFor(apiVersion, kind, { signal })
    return await cluster.get(resource, { ...(namespace ? { namespace } : {}), name }, { signal })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

export function difference(got: unknown, want: unknown, { commits }: Live): string | undefined {
  return firstDifference(normalizeJson(got, commits), normalizeJson(want, commits))
}
