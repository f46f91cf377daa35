import type { DigestAlgorithm } from '@sluice/artifact'
import { BlobError, parseBlobUrl } from '@sluice/blobs'
import { LabelSelectorError, parseLabelSelector } from '@sluice/ports'
import type { ControllerName } from './controller-name.ts'
import { FlagError } from './flags/flag-error.ts'
import { type FlagValues, flagValues } from './flags/flag-values.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** How the objects of one controller are worked on. Durations in milliseconds. */
export type ControllerSettings = {
  readonly name: ControllerName
  readonly flags: FlagValues
  /** Where Secrets of the controller itself are. */
  readonly runtimeNamespace: string
}

/** What one process does beside its controllers. */
export type ProcessSettings = {
  /** Host and port; nothing is served without. */
  readonly metricsAddress: Address | undefined
  readonly healthAddress: Address | undefined
  readonly eventsAddress: string
  readonly pace: { readonly qps: number; readonly burst: number }
  readonly log: { readonly level: string; readonly encoding: string }
  readonly watchLabelSelector: string
  /** The only namespace that is looked at; all when absent. */
  readonly namespace: string | undefined
  readonly leaderElection: LeaderElectionSettings | undefined
  readonly kubeConfigs: { readonly exec: boolean; readonly insecureTls: boolean }
  /** Where artifacts are kept and served, if any of the controllers makes some. */
  readonly storage: StorageSettings | undefined
}

export type LeaderElectionSettings = {
  readonly namespace: string
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
  readonly releaseOnCancel: boolean
}

export type StorageSettings = {
  readonly address: Address
  readonly advertisedAddress: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly retentionTtlMs: number
  readonly retentionRecords: number
  /** Where artifacts are kept for all replicas; on the disk alone without. */
  readonly blobs: { readonly url: string; readonly maxCacheBytes: number } | undefined
}

export type Address = { readonly host: string; readonly port: number }

const defaultRuntimeNamespace = 'flux-system'
/** How much longer than the period a pause between attempts may be. */
const retryJitter = 1.2

/**
 * How a controller is to work by its flags.
 *
 * @throws {FlagError}
 */
export function controllerSettings(
  name: ControllerName,
  { given, env }: { readonly given: ReadonlyMap<string, readonly string[]>; readonly env: Environment },
): ControllerSettings {
  const flags = flagValues(name, { given }, env)
  const accounts = ['default-service-account', 'default-kubeconfig-service-account']
  const setsAccount = accounts.some(
    (flag) => flags.has(flag) && usesForClouds(name, flag) && flags.text(flag),
  )
  if (setsAccount && !flags.gate('ObjectLevelWorkloadIdentity')) {
    throw new FlagError(
      'FLAG_INVALID',
      'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
    )
  }
  return { name, flags, runtimeNamespace: env['RUNTIME_NAMESPACE'] || defaultRuntimeNamespace }
}

/** A default ServiceAccount of the appliers is for impersonation, which is no feature of its own. */
function usesForClouds(name: ControllerName, flag: string): boolean {
  const isApplier = name === 'kustomize-controller' || name === 'helm-controller'
  return flag !== 'default-service-account' || !isApplier
}

/**
 * How the process of some controllers is to work: what they have in common is read from the first that has it.
 *
 * @param hostname of this machine, for artifacts' URLs
 * @throws {FlagError}
 */
export function processSettings(
  controllers: readonly ControllerSettings[],
  { hostname }: { readonly hostname: string },
): ProcessSettings {
  const [first] = controllers
  for (const { flags } of controllers) checkedSelector(flags, 'watch-configs-label-selector')
  if (!first) throw new TypeError('a process needs a controller')
  const { flags, runtimeNamespace } = first
  const storing = controllers.find((it) => it.flags.has('storage-addr'))
  return {
    metricsAddress: served(flags.text('metrics-addr'), 'metrics-addr'),
    healthAddress: served(flags.text('health-addr'), 'health-addr'),
    eventsAddress: checkedUrl(eventsAddressOf(controllers)),
    pace: { qps: flags.number('kube-api-qps'), burst: flags.number('kube-api-burst') },
    log: { level: flags.text('log-level'), encoding: flags.text('log-encoding') },
    watchLabelSelector: checkedSelector(flags, 'watch-label-selector'),
    namespace: flags.isOn('watch-all-namespaces') ? undefined : runtimeNamespace,
    leaderElection: flags.isOn('enable-leader-election')
      ? leaderElectionSettings(flags, runtimeNamespace)
      : undefined,
    kubeConfigs: {
      exec: controllers.some((it) => isSet(it.flags, 'insecure-kubeconfig-exec')),
      insecureTls: controllers.some((it) => isSet(it.flags, 'insecure-kubeconfig-tls')),
    },
    storage: storing && storageSettings(storing.flags, hostname),
  }
}

/** @throws {FlagError} */
function checkedSelector(flags: FlagValues, name: string): string {
  const text = flags.text(name)
  try {
    parseLabelSelector(text)
    return text
  } catch (error) {
    if (!(error instanceof LabelSelectorError)) throw error
    throw new FlagError(
      'FLAG_INVALID',
      `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${error.message}`,
    )
  }
}

/** Source: client-go tools/leaderelection, NewLeaderElector. @throws {FlagError} when one could lead beside another */
function leaderElectionSettings(flags: FlagValues, namespace: string): LeaderElectionSettings {
  const leaseDurationMs = flags.ms('leader-election-lease-duration')
  const renewDeadlineMs = flags.ms('leader-election-renew-deadline')
  const retryPeriodMs = flags.ms('leader-election-retry-period')
  if (leaseDurationMs <= renewDeadlineMs) {
    throw new FlagError('FLAG_INVALID', 'leaseDuration must be greater than renewDeadline')
  }
  if (retryPeriodMs <= 0 || renewDeadlineMs <= retryPeriodMs * retryJitter) {
    throw new FlagError('FLAG_INVALID', 'renewDeadline must be greater than retryPeriod*JitterFactor')
  }
  return {
    namespace,
    leaseDurationMs,
    renewDeadlineMs,
    retryPeriodMs,
    releaseOnCancel: flags.isOn('leader-election-release-on-cancel'),
  }
}

function isSet(flags: FlagValues, name: string): boolean {
  return flags.has(name) && flags.isOn(name)
}

/** The source controller's may come from a variable of its own. */
function eventsAddressOf(controllers: readonly ControllerSettings[]): string {
  return controllers.map(({ flags }) => flags.text('events-addr')).find((text) => text !== '') ?? ''
}

function storageSettings(flags: FlagValues, hostname: string): StorageSettings {
  const address = parseAddress(flags.text('storage-addr'), 'storage-addr')
  return {
    address,
    advertisedAddress: flags.text('storage-adv-addr') || advertised(address, hostname),
    digestAlgorithm: digestAlgorithm(flags.text('artifact-digest-algo')),
    retentionTtlMs: flags.ms('artifact-retention-ttl'),
    retentionRecords: flags.number('artifact-retention-records'),
    blobs: blobSettings(flags),
  }
}

function blobSettings(flags: FlagValues): StorageSettings['blobs'] {
  const url = flags.text('storage-blob-url')
  if (url === '') return undefined
  try {
    parseBlobUrl(url)
  } catch (cause) {
    if (!(cause instanceof BlobError)) throw cause
    throw new FlagError('FLAG_INVALID', cause.message)
  }
  return { url, maxCacheBytes: flags.number('storage-blob-cache-size') * 1_000_000 }
}

/** Source: fluxcd/pkg artifact/config. */
function advertised({ host, port }: Address, hostname: string): string {
  const known = host === '' ? 'localhost' : host === '0.0.0.0' ? hostname : host
  return `${known.includes(':') ? `[${known}]` : known}:${port}`
}

function digestAlgorithm(text: string): DigestAlgorithm {
  if (text === 'sha256' || text === 'sha384' || text === 'sha512') return text
  throw new FlagError('FLAG_INVALID', `unsupported digest algorithm '${text}': sha256, sha384 or sha512`)
}

/** Nothing where the address says that nothing is to be served. */
function served(text: string, flag: string): Address | undefined {
  return text === '0' || text === '' ? undefined : parseAddress(text, flag)
}

/** `:8080`, `127.0.0.1:8080` or `[::1]:8080`; without a host, every one. @throws {FlagError} */
function parseAddress(text: string, flag: string): Address {
  const [, host = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535) {
    throw new FlagError(
      'FLAG_INVALID',
      `invalid argument ${JSON.stringify(text)} for "--${flag}" flag: no address`,
    )
  }
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
}

function checkedUrl(text: string): string {
  if (text === '' || URL.canParse(text)) return text
  throw new FlagError(
    'FLAG_INVALID',
    `invalid argument ${JSON.stringify(text)} for "--events-addr" flag: no URL`,
  )
}
