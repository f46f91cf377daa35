import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import type { JsonValue, KubeObject } from '@sluice/ports'
import { parseDocument, toPlain } from '@sluice/yaml'
import { Mismatch } from '../../suite.ts'
import { artifactListing } from './artifact-listing.ts'
import { commitObject, gitLog } from './git-log.ts'
import { recordedRelease, releaseRecordType, untimedRelease, withoutRelease } from './helm-record.ts'
import type { Kubectl } from './kubectl.ts'
import {
  firstDifference,
  normalizeCommit,
  normalizeGitLog,
  normalizeJson,
  normalizeTable,
  normalizeText,
  type Substitutions,
} from './normalize.ts'

/** What a recorded state is compared with. */
export type Live = {
  readonly cluster: Cluster
  readonly kubectl: Kubectl
  readonly helm: Kubectl
  readonly namespace: string
  readonly commits: Substitutions
  /** Objects that steps have asked to be reconciled, as `kind/name`. */
  readonly requested: ReadonlySet<string>
  /** Fetches an artifact by the URL in its status. */
  readonly fetchArtifact: (url: string) => Promise<Uint8Array>
  /** Where artifacts are stored. */
  readonly artifactDirectory: string
  /** Holds the bare repositories, `<name>.git`. */
  readonly gitDirectory: string
  readonly signal: AbortSignal
}

type Compare = (file: string, live: Live) => Promise<string | undefined>

/** Files of one `expected/NAME` folder, relative to it. */
export function recordedFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted()
}

/** Compares one recorded file with the live state. Returns the first difference. */
export async function compareRecorded(folder: string, name: string, live: Live): Promise<string | undefined> {
  const compare = comparisonOf(name)
  if (!compare) throw new Mismatch('this kind of record is not compared yet')
  return compare(join(folder, name), live)
}

function comparisonOf(name: string): Compare | undefined {
  if (name.endsWith('.managers.json') || name.includes('managers/')) return compareManagers
  if (name.endsWith('.absent')) return compareAbsent
  if (name.includes('helm-storage/') && name.endsWith('.release.json')) return compareRelease
  if (name.includes('helm-storage/') && name.endsWith('.yaml')) return compareObject
  if (name === 'helm-ls.txt') return compareReleaseList
  if (name === 'describe.txt') return compareDescription
  if (name.includes('applied/') && name.endsWith('.yaml')) return compareObject
  if (name === 'table.txt') return compareTables
  if (name.endsWith('events.json')) return compareEvents
  if (name === 'storage-files.txt') return compareStorage
  if (/^artifact-.*\.json$/.test(name)) return compareArtifact
  if (name.startsWith('git-log-')) return compareGitLog
  if (name === 'commit-objects.json') return compareCommits
  if (/(?:^|\/)[A-Z]\w+-[^/]*\.yaml$/.test(name)) return compareObject
  return undefined
}

const compareObject: Compare = async (file, live) => {
  const want = recordedObject(file)
  const got = await find(want.apiVersion, want.kind, want.metadata, live)
  if (!got) return `${want.kind}/${want.metadata.name} does not exist`
  if (want['type'] === releaseRecordType) return difference(withoutRelease(got), withoutRelease(want), live)
  return difference(comparable(got), comparable(want), live)
}

const compareRelease: Compare = async (file, live) => {
  const { apiVersion, kind, metadata } = recordedObject(file.replace(/\.release\.json$/, '.yaml'))
  const secret = await find(apiVersion, kind, metadata, live)
  if (!secret) return 'the record does not exist'
  const want = untimedRelease(JSON.parse(readFileSync(file, 'utf8')))
  return difference(recordedRelease(secret, want), want, live)
}

const compareReleaseList: Compare = async (file, live) => {
  const { stdout } = await live.helm(['ls', '-n', live.namespace])
  const lines = (text: string): string[] =>
    text
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* \+0000 UTC/g, '<time>')
      .split('\n')
      .map((line) =>
        normalizeText(
          line
            .split(/\t/)
            .map((cell) => cell.trim())
            .join('  '),
          live.commits,
        ),
      )
      .filter(Boolean)
  return firstDifference(lines(stdout), lines(readFileSync(file, 'utf8')))
}

/** The only object of the kind that is described in its table. */
const compareDescription: Compare = async (file, live) => {
  const want = readFileSync(file, 'utf8')
  const [, name = ''] = /^Name:\s+(\S+)$/m.exec(want) ?? []
  const [, kind = ''] = /^Kind:\s+(\S+)$/m.exec(want) ?? []
  const { stdout } = await live.kubectl(['describe', kind, name, '-n', live.namespace])
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) =>
        normalizeText(line.trim().replaceAll(/\s{2,}/g, '  '), live.commits)
          .replace(/^(Resource Version: ).*/, '$1 <version>')
          .replace(/^(Normal|Warning)(  \S+  )\S+(?: \(x\d+ over \S+\))?/, '$1$2<age>'),
      )
      .filter(Boolean)
  return firstDifference(lines(stdout), lines(want))
}

/** What was recorded is written for readers to whom `y` is a text, as to go-yaml v3. */
function recordedObject(file: string): KubeObject {
  const document = parseDocument(readFileSync(file, 'utf8'))
  if (!document) throw new Mismatch('the record is empty')
  return toPlain(document) as KubeObject
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

/** How often something failed that is tried again and again is a matter of time. */
function steady(status: KubeObject['status']): unknown {
  const { conditions = [], ...fields } = (status ?? {}) as {
    readonly conditions?: readonly { readonly type: string }[]
    readonly failures?: number
  }
  const isTrying = conditions.some(({ type }) => type === 'Reconciling')
  return isTrying && fields.failures !== undefined
    ? { conditions, ...fields, failures: '<failures>' }
    : status
}

type Manager = {
  readonly manager?: string
  readonly operation?: string
  readonly subresource?: string
  time?: string
}

// The recorded cluster's controller manager, and the node that stands for it here.
const workloadManagers: ReadonlySet<string> = new Set([
  'kcm',
  'kube-controller-manager',
  'kubelet',
  'kwok',
  'sluice-node',
])

const compareManagers: Compare = async (file, live) => {
  const want = JSON.parse(readFileSync(file, 'utf8')) as Manager[]
  const object = await objectOfManagersFile(file, live)
  if (!object) return 'the object does not exist'
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
async function objectOfManagersFile(file: string, live: Live): Promise<KubeObject | undefined> {
  const yaml = file.endsWith('.managers.json')
    ? file.replace(/\.managers\.json$/, '.yaml')
    : file.replace('/managers/', '/').replace(/\.json$/, '.yaml')
  const { apiVersion, kind, metadata } = recordedObject(yaml)
  return find(apiVersion, kind, metadata, live)
}

const compareAbsent: Compare = async (file, live) => {
  const [, kind = '', name = ''] = /([a-z]+)-([^/]+)\.absent$/.exec(file) ?? []
  const { stdout, exitCode } = await live.kubectl(['get', kind, name, '-n', live.namespace, '-o', 'name'])
  return exitCode === 0 && stdout !== '' ? `${kind}/${name} exists` : undefined
}

const cutAddress = '12<age>'

const compareTables: Compare = async (file, live) => {
  const want = readFileSync(file, 'utf8')
  const tables: string[] = []
  for (const [, resource = ''] of want.matchAll(/^\$ kubectl get (\S+)$/gm)) {
    // Sequential: the tables are printed in the recorded order.
    const { stdout } = await live.kubectl(['get', resource, '-n', live.namespace])
    tables.push(`$ kubectl get ${resource}\n${stdout}`)
  }
  // Where recordings have an address cut off like an age, ours is cut the same way.
  const ours = want.includes(cutAddress)
    ? tables.join('\n').replaceAll(/(?<=\s{2})127\.0\.0\.1:\S+(?=\s{2})/g, cutAddress)
    : tables.join('\n')
  const lines = (text: string): string[] => normalizeTable(text, live.commits).split('\n').filter(Boolean)
  return firstDifference(lines(ours), lines(want))
}

type RecordedEvent = {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly reportingComponent: string
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly namespace?: string }
  readonly annotations?: Readonly<Record<string, string>> | null
}

/** Events as a set: how often one came and in which order depends on the machine's speed. */
const compareEvents: Compare = async (file, live) => {
  const want = JSON.parse(readFileSync(file, 'utf8')) as RecordedEvent[]
  const resource = await live.cluster.resourceFor('v1', 'Event', { signal: live.signal })
  const { items } = await live.cluster.list(resource, {
    namespace: want[0]?.involvedObject.namespace ?? live.namespace,
    signal: live.signal,
  })
  const isWanted = (event: RecordedEvent): boolean => !isTimed(event, live) && !isOurs(event)
  const ours = items
    .map((it) => ({ ...(it as unknown as RecordedEvent), annotations: it.metadata.annotations ?? null }))
    .filter((it) => want.some((other) => other.reportingComponent === it.reportingComponent))
    .filter(isWanted)
  const got = new Set(ours.map((it) => eventText(it, live)))
  const wanted = new Set(
    want.filter((it) => !isNodeEvent(it) && isWanted(it)).map((it) => eventText(it, live)),
  )
  const missing = [...wanted].filter((it) => !got.has(it))
  const extra = [...got].filter((it) => !wanted.has(it))
  if (missing.length === 0 && extra.length === 0) return undefined
  return [...missing.map((it) => `missing ${it}`), ...extra.map((it) => `extra ${it}`)].join(' | ')
}

/** Beyond Flux: the fields that somebody changed, seen by a watch. */
function isOurs({ message }: RecordedEvent): boolean {
  return message.startsWith('drift seen\n') || message.startsWith('drift put back\n')
}

/** Told at each interval that passes: how many do is a matter of time, unless a step asked for it. */
function isTimed(
  { reason, message, involvedObject: { kind, name } }: RecordedEvent,
  { requested }: Live,
): boolean {
  // An alarm that was set before something else led to a run still goes off.
  if (message.startsWith('no change in repository configuration since last scan')) return true
  const isOfInterval = reason === 'ArtifactUpToDate' || /, next scan in \S+$/.test(message)
  return isOfInterval && !requested.has(`${kind.toLowerCase()}/${name}`)
}

function isNodeEvent({ reportingComponent }: RecordedEvent): boolean {
  return (
    !reportingComponent.endsWith('-controller') || /^(deployment|replicaset|job)-/.test(reportingComponent)
  )
}

function eventText(event: RecordedEvent, { commits }: Live): string {
  const { type, reason, message, reportingComponent, involvedObject, annotations } = event
  const object = `${involvedObject.kind}/${involvedObject.name}`
  return JSON.stringify(
    normalizeJson([reportingComponent, object, type, reason, message, sortKeys(annotations ?? {})], commits),
  )
}

function sortKeys(record: Readonly<Record<string, string>>): JsonValue {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const compareArtifact: Compare = async (file, live) => {
  const want = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly entries?: JsonValue
    readonly artifact: JsonValue
  }
  const [, kind = '', name = ''] = /artifact-([a-z]+)-(.+)\.json$/.exec(file) ?? []
  const { stdout, stderr } = await live.kubectl(['get', kind, name, '-n', live.namespace, '-o', 'json'])
  if (stdout === '') return stderr
  const { status } = JSON.parse(stdout) as {
    readonly status?: { readonly artifact?: { readonly url: string } }
  }
  if (!status?.artifact) return `${kind}/${name} has no artifact`
  const bytes = await live.fetchArtifact(status.artifact.url)
  // An index is no archive; a chart has the times of its packing, not those of its content.
  const entries = want.entries === undefined ? undefined : artifactListing(bytes)
  const [got, wanted] =
    kind === 'helmchart' ? [entries, want.entries].map(withoutTimes) : [entries, want.entries]
  return difference(
    { artifact: status.artifact, entries: got },
    { artifact: want.artifact, entries: wanted },
    live,
  )
}

function withoutTimes(entries: JsonValue | undefined): JsonValue | undefined {
  if (!Array.isArray(entries)) return undefined
  return entries.map((entry: object) => ({ ...entry, mtime: 0 }))
}

/** Files below the storage's folder of the namespace. */
const compareStorage: Compare = async (file, live) => {
  const want = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  const [top = ''] = want
  const folder = join(live.artifactDirectory, top)
  const got = [top, ...(existsSync(folder) ? recordedTree(folder) : []).map((name) => `${top}/${name}`)]
  const names = got.map((name) => normalizeText(name, live.commits)).toSorted()
  return firstDifference(names, want.toSorted())
}

/** What is on a branch, with all changes. */
const compareGitLog: Compare = async (file, live) => {
  const lines = (text: string): string[] => normalizeGitLog(text, live.commits).split('\n')
  const got = gitLog(live.gitDirectory, basename(file))
  return got === undefined
    ? 'there is no such branch'
    : firstDifference(lines(got), lines(readFileSync(file, 'utf8')))
}

/** Commits as Git keeps them, by branch. */
const compareCommits: Compare = async (file, { gitDirectory, commits }) => {
  const want = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>
  const normalized = (text: string): string => normalizeCommit(text, commits)
  const got = Object.keys(want).map((branch) => [
    branch,
    normalized(commitObject(gitDirectory, branch) ?? ''),
  ])
  const wanted = Object.entries(want).map(([branch, text]) => [branch, normalized(text)])
  return firstDifference(Object.fromEntries(got), Object.fromEntries(wanted))
}

function recordedTree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}

async function find(
  apiVersion: string,
  kind: string,
  { namespace, name }: { readonly namespace?: string; readonly name?: string },
  { cluster, signal }: Live,
): Promise<KubeObject | undefined> {
  try {
    const resource: Resource = await cluster.resourceFor(apiVersion, kind, { signal })
    return await cluster.get(resource, { ...(namespace ? { namespace } : {}), name: name ?? '' }, { signal })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

function difference(got: unknown, want: unknown, { commits }: Live): string | undefined {
  return firstDifference(normalizeJson(got, commits), normalizeJson(want, commits))
}
