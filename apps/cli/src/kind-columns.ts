import type {
  HelmRelease,
  ImagePolicyStatus,
  ImageRepositoryStatus,
  ImageUpdateAutomationStatus,
  KustomizationStatus,
  SourceStatus,
  ToolkitObject,
} from '@sluice/toolkit'

/** A column of `get`, beside NAME and the ones that every table ends with. */
export type KindColumn = { readonly title: string; readonly value: (object: ToolkitObject) => string }

type ColumnName =
  | 'suspended'
  | 'artifactRevision'
  | 'appliedRevision'
  | 'chartRevision'
  | 'sourceReference'
  | 'chartSource'
  | 'externalSource'
  | 'lastScan'
  | 'image'
  | 'tag'
  | 'lastRun'

/** Columns by what they show; several kinds may share one. Source: FEATURES.md §12.2. */
export const columns: Readonly<Record<ColumnName, KindColumn>> = {
  suspended: {
    title: 'SUSPENDED',
    value: ({ spec }) => (spec.suspend === true ? 'True' : 'False'),
  },
  artifactRevision: {
    title: 'REVISION',
    value: (object) => statusOf<SourceStatus>(object).artifact?.revision ?? '',
  },
  appliedRevision: {
    title: 'REVISION',
    value: (object) => statusOf<KustomizationStatus>(object).lastAppliedRevision ?? '',
  },
  chartRevision: {
    title: 'REVISION',
    value: (object) => {
      const { status } = object as HelmRelease
      return status?.history?.[0]?.chartVersion ?? status?.lastAttemptedRevision ?? ''
    },
  },
  sourceReference: {
    title: 'SOURCE',
    value: ({ spec, metadata }) =>
      reference((spec as { readonly sourceRef?: Reference }).sourceRef, metadata.namespace),
  },
  chartSource: {
    title: 'SOURCE',
    value: (object) => {
      const { spec, metadata } = object as HelmRelease
      return reference(spec.chartRef ?? spec.chart?.spec.sourceRef, metadata.namespace)
    },
  },
  externalSource: {
    title: 'SOURCE',
    value: ({ spec }) => reference((spec as { readonly sourceRef?: Reference }).sourceRef),
  },
  lastScan: {
    title: 'LAST SCAN',
    value: (object) => statusOf<ImageRepositoryStatus>(object).lastScanResult?.scanTime ?? '',
  },
  image: {
    title: 'IMAGE',
    value: (object) => statusOf<ImagePolicyStatus>(object).latestRef?.name ?? '',
  },
  tag: {
    title: 'TAG',
    value: (object) => statusOf<ImagePolicyStatus>(object).latestRef?.tag ?? '',
  },
  lastRun: {
    title: 'LAST RUN',
    value: (object) => statusOf<ImageUpdateAutomationStatus>(object).lastAutomationRunTime ?? '',
  },
}

type Reference = { readonly kind: string; readonly name: string; readonly namespace?: string }

function statusOf<Status>({ status }: ToolkitObject): Partial<Status> {
  return (status ?? {}) as Partial<Status>
}

/** `kind/namespace/name`, in the namespace of the object that refers when it names none. */
function reference(to: Reference | undefined, namespace = ''): string {
  return to === undefined ? '' : `${to.kind}/${to.namespace ?? namespace}/${to.name}`
}
