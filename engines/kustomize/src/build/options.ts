import type { ChartInflater } from '../generate/helm.ts'
import type { RemoteSource } from '../loading/loader.ts'

/** What a build may do, after kustomize's flags. */
export type BuildOptions = {
  /** `--load-restrictor`: whether files may lie outside of their kustomization. Default: `rootOnly`. */
  readonly loadRestrictor?: 'rootOnly' | 'none'
  /** `--reorder`, where the kustomization has no `sortOptions`. Default: `legacy`. */
  readonly reorder?: 'legacy' | 'none'
  /** `--enable-helm`: renders charts. Without it charts are refused. */
  readonly inflater?: ChartInflater
  /** `--helm-kube-version` */
  readonly helmKubeVersion?: string
  /** `--helm-api-versions` */
  readonly helmApiVersions?: readonly string[]
  /** Gives remote files and repositories. Without it they are refused. */
  readonly remote?: RemoteSource
  /** `--enable-managedby-label` */
  readonly managedByLabel?: boolean
  /** Whether resources say where they come from; their text stays the same. Default: `false`. */
  readonly origins?: boolean
  /** How errors call the root of the tree, such as `/srv/checkout`. Default: paths are relative to it. */
  readonly place?: string
  /** Largest file that is read. Default: 32 MiB. */
  readonly maxFileBytes?: number
}
