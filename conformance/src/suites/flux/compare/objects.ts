import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { KubeObject } from '@sluice/ports'
import { releaseRecordType, withoutRelease } from '../helm-record.ts'
import { findMoment } from '../timeline/moment.ts'
import type { Version } from '../timeline/timeline.ts'
import { type Compare, difference, find, type Live, recordedObject } from './live.ts'

/** An object as it is now, or as it was at the moment of the record. */
export const compareObject: Compare = async (file, live) => {
  const want = recordedObject(file)
  const got = await find(want, live)
  if (want['type'] === releaseRecordType) {
    return got ? difference(withoutRelease(got), withoutRelease(want), live) : missing(want)
  }
  const differs = (object: KubeObject): string | undefined =>
    difference(comparable(object), comparable(want), live)
  const isRecorded = (object: KubeObject): boolean => differs(object) === undefined
  // Both were read at once, so they show one moment.
  const managers = recordedManagers(file)
  const hasManagers = (object: KubeObject): boolean =>
    isRecorded(object) && (!managers || managersDiffer(object, managers, live) === undefined)
  const moment =
    momentOf(want, got, { is: hasManagers, live }) ?? momentOf(want, got, { is: isRecorded, live })
  if (moment) live.moments.note(want, moment)
  else {
    return got ? differs(got) : missing(want)
  }
  return undefined
}

function missing({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name} does not exist`
}

function momentOf(
  want: KubeObject,
  got: KubeObject | undefined,
  { is, live }: { readonly is: (object: KubeObject) => boolean; readonly live: Live },
): Version | undefined {
  if (got && is(got)) return { revision: Number(got.metadata.resourceVersion), object: got, row: '' }
  return findMoment(live.timeline.versionsOf(want), want, {
    since: live.moments.since(want),
    isRecorded: is,
    isSame: (a, b) => difference(uncounted(a), uncounted(b), live) === undefined,
  })
}

/** Without what an interval that passes adds to. */
function uncounted(object: KubeObject): unknown {
  const { status, ...rest } = comparable(object) as { readonly status?: Repeated }
  if (!status) return rest
  const { failures: _failures, history, ...fields } = status
  return {
    ...rest,
    status: { ...fields, history: history?.map(withoutCount) },
  }
}

/** Server-side bookkeeping is compared by its own records; a workload's status is the simulated node's. */
function comparable({
  status,
  metadata: { managedFields: _managedFields, ...metadata },
  ...object
}: KubeObject): unknown {
  const spec = object['spec'] as Record<string, unknown> | undefined
  const { clusterIP: _address, clusterIPs: _addresses, nodeName: _node, ...placeless } = spec ?? {}
  const isToolkit = object.apiVersion.includes('.toolkit.fluxcd.io/')
  return {
    ...object,
    metadata,
    ...(spec ? { spec: ['Pod', 'Service'].includes(object.kind) ? withoutVendor(placeless) : spec } : {}),
    ...(isToolkit ? { status: steady(status) } : {}),
  }
}

/** The token volume of a recorded pod has a source of one vendor's cluster. */
function withoutVendor(spec: Record<string, unknown>): unknown {
  const { volumes } = spec as { readonly volumes?: readonly { projected?: { sources: readonly Source[] } }[] }
  if (!volumes) return spec
  const isCommon = ({ configMap }: Source): boolean => configMap?.name !== 'openshift-service-ca.crt'
  return {
    ...spec,
    volumes: volumes.map(({ projected, ...volume }) =>
      projected
        ? { ...volume, projected: { ...projected, sources: projected.sources.filter(isCommon) } }
        : volume,
    ),
  }
}

type Source = { readonly configMap?: { readonly name: string } }

/**
 * How often something failed that is tried again and again is a matter of time. So is how often a former state had been
 * reconciled by the time that another one replaced it: nobody can wait for that any more.
 */
function steady(status: KubeObject['status']): unknown {
  if (!status) return status
  const { failures, history, ...fields } = status as Repeated
  const isTrying = fields.conditions?.some(({ type }) => type === 'Reconciling')
  return {
    ...fields,
    ...(failures !== undefined && { failures: isTrying ? '<failures>' : failures }),
    ...(history !== undefined && { history: history.map(formerUncounted) }),
  }
}

type Counted = { readonly totalReconciliations?: number }

type Repeated = {
  readonly conditions?: readonly { readonly type: string }[]
  readonly failures?: number
  readonly history?: readonly Counted[]
}

function formerUncounted(entry: Counted, at: number): Counted {
  return at > 0 ? withoutCount(entry) : entry
}

function withoutCount({ totalReconciliations: _total, ...entry }: Counted): Counted {
  return entry
}

type Manager = {
  readonly manager?: string
  readonly operation?: string
  readonly subresource?: string
}

// The recorded cluster's controller manager, and the node that stands for it here.
const workloadManagers: ReadonlySet<string> = new Set([
  'kcm',
  'kube-controller-manager',
  'kubelet',
  'kwok',
  'sluice-node',
])

/** Who owns which field, at the moment that the object's own record shows. */
export const compareManagers: Compare = async (file, live) => {
  const yaml = objectFile(file)
  const recorded = recordedObject(yaml)
  if (!live.moments.of(recorded)) await compareObject(yaml, live)
  const object = live.moments.of(recorded)?.object ?? (await find(recorded, live))
  return object ? managersDiffer(object, readManagers(file), live) : 'the object does not exist'
}

function managersDiffer(object: KubeObject, want: readonly Manager[], live: Live): string | undefined {
  const got = (object.metadata.managedFields ?? []).map(
    ({ time: _time, fieldsType: _type, ...entry }) => entry,
  )
  // The status of workloads is written by other controllers there than here.
  const relevant = (entries: readonly Manager[]): readonly Manager[] =>
    entries
      .filter((it) => !workloadManagers.has(it.manager ?? ''))
      .toSorted((a, b) => managerKey(a).localeCompare(managerKey(b)))
  return difference(relevant(got), relevant(want), live)
}

function managerKey({ manager = '', operation = '', subresource = '' }: Manager): string {
  return `${manager} ${operation} ${subresource}`
}

/** `managers/Kind-name.json` belongs to `Kind-name.yaml` one folder up, `x.managers.json` to `x.yaml` beside it. */
function objectFile(managers: string): string {
  return managers.endsWith('.managers.json')
    ? managers.replace(/\.managers\.json$/, '.yaml')
    : managers.replace('/managers/', '/').replace(/\.json$/, '.yaml')
}

function recordedManagers(object: string): readonly Manager[] | undefined {
  const name = basename(object, '.yaml')
  const file = [
    join(dirname(object), 'managers', `${name}.json`),
    join(dirname(object), `${name}.managers.json`),
  ].find((it) => existsSync(it))
  return file === undefined ? undefined : readManagers(file)
}

function readManagers(file: string): readonly Manager[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Manager[]
}
