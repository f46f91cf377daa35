import type { OciManifest, OciRepositoryClient } from '@sluice/oci'
import type { Http } from '@sluice/ports'
import type { Run, Step } from '@sluice/runtime'
import type { OciRepository } from '@sluice/toolkit'
import type { SourceDeps } from '../shared/source-deps.ts'

export type OciRepositoryDeps = SourceDeps & { readonly http: Http }

/** What one run works with; steps read and extend it, from the first to the last. */
export type OciWork = {
  readonly run: Run<OciRepository>
  readonly deps: OciRepositoryDeps
  client?: OciRepositoryClient
  /** `<tag>@<digest>`, or the digest alone. */
  revision: string
  digest: string
  manifest?: OciManifest
  /** The layer's content as the registry has it. */
  layer?: Uint8Array
}

export type OciStep = Step<OciWork>
