/**
 * The helm controller: makes and keeps the releases that HelmReleases describe, in records that Helm itself reads.
 *
 * @example
 * const openRelease = releaseClients({ clock, render: rendererHere({ ports }), caches: manager.caches })
 * manager.add(helmReleaseController({ caches: manager.caches, clock, fetcher, charts, openRelease }))
 */
export type { HelmDeps, HelmGates, HelmOptions } from './deps.ts'
export { helmReleaseController } from './helm-release-controller.ts'
export type {
  ActionBounds,
  ActionEnd,
  Correction,
  DriftedObject,
  ReleaseBehaviour,
  ReleaseClient,
  ReleaseContent,
  ReleaseTarget,
} from './releases/release-client.ts'
export { type ReleaseClientFor, type ReleaseDeps, releaseClients } from './releases/release-clients.ts'
export { type RenderTools, rendererHere } from './releases/render/render-in-passes.ts'
export type { PostRendering, RenderContext, RenderJob, RenderRelease } from './releases/render/renderer.ts'
export { rendererInWorkers, renderWorker } from './releases/render/workers/renderer-in-workers.ts'
export { releaseValues } from './steps/release-values.ts'
