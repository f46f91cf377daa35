import type { ControllerName } from '../controller-name.ts'
import { FlagError } from './flag-error.ts'

/** Features that Flux's controllers switch on or off, with why one changes nothing here. */
const gates: Readonly<Record<ControllerName, Readonly<Record<string, Gate>>>> = {
  'source-controller': {
    CacheSecretsAndConfigMaps: gate(false, readWhenNeeded()),
    ObjectLevelWorkloadIdentity: gate(false),
  },
  'kustomize-controller': {
    CacheSecretsAndConfigMaps: gate(false, readWhenNeeded()),
    DisableStatusPollerCache: gate(true, 'health is followed by watching'),
    DisableFailFastBehavior: gate(false),
    StrictPostBuildSubstitutions: gate(true),
    GroupChangeLog: gate(false, 'what changed is told by the event'),
    AdditiveCELDependencyCheck: gate(false),
    ExternalArtifact: gate(false),
    CancelHealthCheckOnNewRevision: gate(false),
    DisableConfigWatchers: gate(false),
    DirectSourceFetch: gate(false, 'sources are always read from the API server'),
    MigrateAPIVersion: gate(false, 'managed fields keep the version that they were applied in'),
    ObjectLevelWorkloadIdentity: gate(false),
  },
  'helm-controller': {
    CacheSecretsAndConfigMaps: gate(false, readWhenNeeded()),
    DetectDrift: gate(false, 'deprecated by spec.driftDetection'),
    CorrectDrift: gate(false, 'deprecated by spec.driftDetection'),
    AllowDNSLookups: gate(false, 'templates never reach the network'),
    OOMWatch: gate(false),
    AdoptLegacyReleases: gate(false, 'without effect in Flux since 1.5 too'),
    DisableChartDigestTracking: gate(false),
    AdditiveCELDependencyCheck: gate(false),
    ExternalArtifact: gate(false),
    DisableConfigWatchers: gate(false),
    DirectSourceFetch: gate(false),
    UseHelm3Defaults: gate(false),
    CancelHealthCheckOnNewRevision: gate(false),
    DefaultToRetryOnFailure: gate(false),
    ObjectLevelWorkloadIdentity: gate(false),
  },
  'image-reflector-controller': {
    CacheSecretsAndConfigMaps: gate(false, readWhenNeeded()),
    FluxStorage: gate(false, 'there is one form in which tags are kept'),
    ObjectLevelWorkloadIdentity: gate(false),
  },
  'image-automation-controller': {
    GitForcePushBranch: gate(true, 'a push branch of its own is always replaced'),
    GitShallowClone: gate(true, 'only the commit that is needed is fetched'),
    GitAllBranchReferences: gate(true, 'only the reference that is needed is fetched'),
    GitSparseCheckout: gate(false, 'files are read from the objects that were fetched'),
    CacheSecretsAndConfigMaps: gate(false, readWhenNeeded()),
    ObjectLevelWorkloadIdentity: gate(false),
  },
  'source-watcher': {
    DirectSourceFetch: gate(false, 'sources are always read from the API server'),
  },
}

type Gate = { readonly default: boolean; readonly ignored?: string }

/** Features that change something. */
export type FeatureGate =
  | 'AdditiveCELDependencyCheck'
  | 'CancelHealthCheckOnNewRevision'
  | 'DirectSourceFetch'
  | 'UseHelm3Defaults'
  | 'DefaultToRetryOnFailure'
  | 'DisableChartDigestTracking'
  | 'DisableConfigWatchers'
  | 'DisableFailFastBehavior'
  | 'ExternalArtifact'
  | 'OOMWatch'
  | 'ObjectLevelWorkloadIdentity'
  | 'StrictPostBuildSubstitutions'

/** The features of a controller that are known, with Flux's defaults. */
export function featureGates(controller: ControllerName): ReadonlyMap<string, boolean> {
  return new Map(entries(controller).map(([name, it]) => [name, it.default]))
}

/** Features of a controller that are accepted and change nothing, with the reason. */
export function ignoredGates(controller: ControllerName): ReadonlyMap<string, string> {
  return new Map(
    entries(controller).flatMap(([name, { ignored }]) => (ignored === undefined ? [] : [[name, ignored]])),
  )
}

/**
 * The features that texts such as `A=true,B=false` name; the last word counts.
 *
 * @throws {FlagError} for what is of another form.
 */
export function gateStates(
  controller: ControllerName,
  texts: readonly string[],
): ReadonlyMap<string, boolean> {
  const states = parse(texts)
  const known = featureGates(controller)
  return new Map([...states].filter(([name]) => known.has(name)))
}

/** @throws {FlagError} for a feature that none of the controllers knows. */
export function checkGates(controllers: readonly ControllerName[], texts: readonly string[]): void {
  for (const name of parse(texts).keys()) {
    if (!controllers.some((controller) => featureGates(controller).has(name))) {
      throw new FlagError('FEATURE_GATE_UNKNOWN', `feature-gate '${name}' not supported`)
    }
  }
}

function parse(texts: readonly string[]): ReadonlyMap<string, boolean> {
  const states = new Map<string, boolean>()
  for (const item of texts.flatMap((text) => text.split(','))) {
    if (item === '') continue
    const [, name = '', state = ''] = /^\s*([^=]+?)\s*=\s*(true|false)\s*$/i.exec(item) ?? []
    if (name === '') {
      const message = `invalid argument ${JSON.stringify(item)} for "--feature-gates" flag: not of the form Name=true`
      throw new FlagError('FLAG_INVALID', message)
    }
    states.set(name, state.toLowerCase() === 'true')
  }
  return states
}

function entries(controller: ControllerName): readonly (readonly [string, Gate])[] {
  return Object.entries<Gate>(gates[controller])
}

function gate(byDefault: boolean, ignored?: string): Gate {
  return { default: byDefault, ...(ignored !== undefined && { ignored }) }
}

function readWhenNeeded(): string {
  return 'Secrets and ConfigMaps are read when they are needed'
}
