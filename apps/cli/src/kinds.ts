import type { Resource } from '@sluice/cluster'
import { findCondition, kindDefinitions, resourceOf, type ToolkitObject } from '@sluice/toolkit'
import { CliError } from './cli-error.ts'

/** A column of `get`, beside NAME and the ones that every table ends with. */
export type KindColumn = { readonly title: string; readonly value: (object: ToolkitObject) => string }

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
  readonly columns: readonly KindColumn[]
  /** Whether `spec.suspend` exists. */
  readonly suspendable: boolean
  /** What a successful reconciliation says. */
  readonly reconciled: (object: ToolkitObject) => string
}

type Status = {
  readonly artifact?: { readonly revision?: string }
  readonly lastAppliedRevision?: string
}

const artifactRevision: KindColumn = {
  title: 'REVISION',
  value: (object) => statusOf(object).artifact?.revision ?? '',
}
const appliedRevision: KindColumn = {
  title: 'REVISION',
  value: (object) => statusOf(object).lastAppliedRevision ?? '',
}

/** Kinds in the order of Flux's `get all`. */
export const cliKinds: readonly CliKind[] = [
  {
    ...named('GitRepository'),
    commands: ['source git'],
    getCommands: ['sources git', 'source git'],
    humanName: 'source git',
    family: 'sources',
    columns: [artifactRevision],
    suspendable: true,
    reconciled: (object) => `fetched revision ${statusOf(object).artifact?.revision ?? ''}`,
  },
  {
    ...named('Kustomization'),
    commands: ['kustomization', 'ks'],
    getCommands: ['kustomizations', 'kustomization', 'ks'],
    humanName: 'kustomization',
    columns: [appliedRevision],
    suspendable: true,
    reconciled: (object) => `applied revision ${statusOf(object).lastAppliedRevision ?? ''}`,
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

function statusOf({ status }: ToolkitObject): Status {
  return (status ?? {}) as Status
}

function named(kind: string): Pick<CliKind, 'kind' | 'resource'> {
  const definition = kindDefinitions.find((it) => it.kind === kind)
  if (!definition) throw new CliError(`unknown kind ${kind}`)
  return { kind, resource: resourceOf(definition) }
}
