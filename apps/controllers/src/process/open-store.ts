import {
  type ArtifactHandlerOptions,
  type ArtifactStore,
  createArtifactStore,
  createReplicatedStore,
} from '@sluice/artifact'
import { openBlobStore } from '@sluice/blobs'
import type { Surroundings } from '@sluice/cluster'
import type { Clock, Http } from '@sluice/ports'
import type { StorageSettings } from '../settings.ts'

/** Where artifacts are kept, and what serving them has to ask first. */
export type OpenedStore = ArtifactHandlerOptions & { readonly store: ArtifactStore }

export type StorePlaces = {
  readonly directory: string
  readonly http: Http
  readonly clock: Clock
  readonly surroundings: Surroundings
  /** Ends requests to where artifacts are kept. */
  readonly signal: AbortSignal
}

/** The artifact store on the disk, or the one outside that the disk is a cache of. */
export function openStore(
  { blobs: outside, ...storage }: StorageSettings,
  { directory, ...places }: StorePlaces,
): OpenedStore {
  const options = { ...storage, directory, clock: places.clock }
  if (!outside) return { store: createArtifactStore(options) }
  const blobs = openBlobStore(outside.url, places)
  const store = createReplicatedStore({ ...options, blobs, maxCacheBytes: outside.maxCacheBytes })
  return { store, prepare: store.prepare }
}
