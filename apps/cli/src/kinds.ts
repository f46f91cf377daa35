import type { Resource } from '@sluice/cluster'
import type { ObjectMeta } from '@sluice/ports'
import {
  annotations,
  disabledValue,
  findCondition,
  type HelmRelease,
  kindDefinitions,
  resourceOf,
  type ToolkitObject,
} from '@sluice/toolkit'
import { CliError } from './cli-error.ts'
import { columns, type KindColumn } from './kind-columns.ts'

/** Verbs that only some kinds have. */
export type KindVerb = 'reconcile' | 'suspend' | 'delete' | 'export'

/** How the command line speaks of a kind. */
export type CliKind = {
  readonly kind: string
  readonly resource: Resource
  /** Words after the verb, such as `source git`; the first form is the one in help texts. */
  readonly commands: readonly string[]
  /** Words after `get`, plural as in Flux. */
  readonly getCommands: readonly string[]
  /** In `suspending … x in y namespace`. */
  readonly humanName: string
  /** Kinds that `get sources all` and `get images all` show. */
  readonly family?: 'sources' | 'images'
  /** Whether `get all` shows it. */
  readonly inAll: boolean
  readonly columns: readonly KindColumn[]
  /** With `--show-source`, before the other columns. */
  readonly sourceColumn?: KindColumn
  readonly verbs: ReadonlySet<KindVerb>
  /** Nothing reconciles it: it is ready as soon as it is there. */
  readonly isStatic: (object: ToolkitObject) => boolean
  /** Whether tables cut hashes to their first digits. */
  readonly shortens: boolean
  /** What a successful reconciliation says. */
  readonly reconciled: (object: ToolkitObject) => string
}

const allVerbs: readonly KindVerb[] = ['reconcile', 'suspend', 'delete', 'export']
const notReconciled: readonly KindVerb[] = ['suspend', 'delete', 'export']
const never = (): boolean => false
const always = (): boolean => true

const kustomizationWords = ['kustomizations', 'ks', 'kustomization']
const helmReleaseWords = ['helmreleases', 'hr', 'helmrelease']

/** Kinds in the order of Flux's `get all`, then those that it leaves out. */
export const cliKinds: readonly CliKind[] = [
  source('OCIRepository', 'oci'),
  source('Bucket', 'bucket'),
  source('GitRepository', 'git'),
  {
    ...source('HelmRepository', 'helm'),
    isStatic: isRegistry,
    reconciled: (object) => (isRegistry(object) ? readiness(object).message : fetchedRevision(object)),
  },
  source('HelmChart', 'chart'),
  {
    ...source('ExternalArtifact', 'external', ['export']),
    humanName: 'source external-artifact',
    columns: [columns.artifactRevision, columns.externalSource],
  },
  image('ImageRepository', 'repository', {
    columns: [columns.lastScan, columns.suspended],
    reconciled: ({ status }) => `scan fetched ${statusField(status, 'lastScanResult', 'tagCount') ?? 0} tags`,
  }),
  image('ImagePolicy', 'policy', {
    columns: [columns.image, columns.tag],
    reconciled: ({ status }) => `selected ref ${latestReference(status)}`,
  }),
  image('ImageUpdateAutomation', 'update', {
    humanName: 'image update automation',
    columns: [columns.lastRun, columns.suspended],
    reconciled: (object) => readiness(object).message,
  }),
  {
    ...base('HelmRelease', 'helmrelease', allVerbs),
    commands: ['helmrelease', 'hr'],
    getCommands: helmReleaseWords,
    columns: [columns.chartRevision, columns.suspended],
    sourceColumn: columns.chartSource,
    reconciled: (object) => `applied revision ${columns.chartRevision.value(object)}`,
  },
  {
    ...base('Kustomization', 'kustomization', allVerbs),
    commands: ['kustomization', 'ks'],
    getCommands: kustomizationWords,
    columns: [columns.appliedRevision, columns.suspended],
    sourceColumn: columns.sourceReference,
    shortens: true,
    reconciled: (object) => `applied revision ${columns.appliedRevision.value(object)}`,
  },
  { ...base('Receiver', 'receiver', allVerbs), getCommands: ['receivers', 'receiver'] },
  {
    ...base('Provider', 'alert provider', notReconciled),
    commands: ['alert-provider'],
    getCommands: ['alert-providers', 'alert-provider'],
    columns: [],
    isStatic: always,
  },
  { ...base('Alert', 'alert', notReconciled), getCommands: ['alerts', 'alert'], isStatic: always },
  {
    ...base('ArtifactGenerator', 'artifactgenerator', ['export']),
    commands: ['artifact generator'],
    getCommands: ['artifacts generators', 'artifacts generator'],
    inAll: false,
  },
]

/** @throws {CliError} when there is no such kind. */
export function cliKind(kind: string): CliKind {
  const found = cliKinds.find((it) => it.kind === kind)
  if (!found) throw new CliError(`unknown kind ${kind}`)
  return found
}

/** Status and message of the Ready condition, as tables show them. */
export function readiness({ status }: ToolkitObject): { readonly ready: string; readonly message: string } {
  const condition = findCondition(status?.conditions ?? [], 'Ready')
  return condition
    ? { ready: condition.status, message: condition.message }
    : { ready: 'False', message: 'waiting to be reconciled' }
}

/** Whether reconciliation is switched off; ArtifactGenerators have an annotation for it. */
export function isSuspended({
  spec,
  metadata,
}: {
  readonly spec?: ToolkitObject['spec']
  readonly metadata: ObjectMeta
}): boolean {
  return spec?.suspend === true || metadata.annotations?.[annotations.generatorReconcile] === disabledValue
}

/** The object that a Kustomization, HelmRelease or HelmChart takes its content from. */
export function sourceOf(
  object: ToolkitObject,
): { readonly kind: string; readonly namespace: string; readonly name: string } | undefined {
  const spec = object.spec as { readonly sourceRef?: SourceReference } & Partial<HelmRelease['spec']>
  const reference = spec.sourceRef ?? spec.chartRef ?? spec.chart?.spec?.sourceRef
  if (!reference) return undefined
  const { kind, name, namespace = object.metadata.namespace ?? '' } = reference
  return { kind, name, namespace }
}

type SourceReference = { readonly kind: string; readonly name: string; readonly namespace?: string }

function base(kind: string, humanName: string, verbs: readonly KindVerb[]): CliKind {
  const definition = kindDefinitions.find((it) => it.kind === kind)
  if (!definition) throw new CliError(`unknown kind ${kind}`)
  return {
    kind,
    resource: resourceOf(definition),
    commands: [humanName],
    getCommands: [humanName],
    humanName,
    inAll: true,
    columns: [columns.suspended],
    verbs: new Set(verbs),
    isStatic: never,
    shortens: false,
    reconciled: () => `${kind} reconciliation completed`,
  }
}

function source(kind: string, word: string, verbs: readonly KindVerb[] = allVerbs): CliKind {
  return {
    ...base(kind, `source ${word}`, verbs),
    getCommands: [`sources ${word}`],
    family: 'sources',
    columns: [columns.artifactRevision, columns.suspended],
    shortens: true,
    reconciled: fetchedRevision,
  }
}

function image(
  kind: string,
  word: string,
  own: Pick<CliKind, 'columns' | 'reconciled'> & Partial<CliKind>,
): CliKind {
  return {
    ...base(kind, `image ${word}`, allVerbs),
    getCommands: [`images ${word}`],
    family: 'images',
    ...own,
  }
}

function isRegistry({ spec }: ToolkitObject): boolean {
  return (spec as { readonly type?: string }).type === 'oci'
}

function fetchedRevision(object: ToolkitObject): string {
  return `fetched revision ${columns.artifactRevision.value(object)}`
}

/** `name:tag@digest` of the policy's latest image. */
function latestReference(status: ToolkitObject['status']): string {
  const [name, tag, digest] = ['name', 'tag', 'digest'].map((it) => statusField(status, 'latestRef', it))
  return `${name ?? ''}:${tag ?? ''}${digest === undefined ? '' : `@${digest}`}`
}

function statusField(
  status: ToolkitObject['status'],
  record: string,
  field: string,
): string | number | undefined {
  const records = (status ?? {}) as Readonly<
    Record<string, Readonly<Record<string, string | number>> | undefined>
  >
  return records[record]?.[field]
}
