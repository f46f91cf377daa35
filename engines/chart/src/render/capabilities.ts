import { GoObject, GoSlice, type GoValue, NumError, parseUnsigned, quote } from '@sluice/go'
import { define } from '@sluice/template'
import { ChartError } from '../load/chart-error.ts'

/** A Kubernetes version, whole and as constraints see it. */
export type KubeVersion = {
  /** As the cluster tells it, such as `v1.33.4-gke.1245000`. */
  readonly version: string
  /** Without suffixes, such as `v1.33.4`. */
  readonly normalized: string
  readonly major: string
  readonly minor: string
}

/** What templates see of the cluster as `.Capabilities`. */
export type Capabilities = {
  readonly kubeVersion: KubeVersion
  /** `group/version` and `group/version/Kind`. */
  readonly apiVersions: readonly string[]
}

/** Versions that Helm 4.3 assumes when no cluster is asked. */
const knownVersions: readonly string[] = [
  'v1',
  'admissionregistration.k8s.io/v1',
  'admissionregistration.k8s.io/v1alpha1',
  'admissionregistration.k8s.io/v1beta1',
  'internal.apiserver.k8s.io/v1alpha1',
  'apps/v1',
  'apps/v1beta1',
  'apps/v1beta2',
  'authentication.k8s.io/v1',
  'authentication.k8s.io/v1alpha1',
  'authentication.k8s.io/v1beta1',
  'authorization.k8s.io/v1',
  'authorization.k8s.io/v1beta1',
  'autoscaling/v1',
  'autoscaling/v2',
  'batch/v1',
  'batch/v1beta1',
  'certificates.k8s.io/v1',
  'certificates.k8s.io/v1beta1',
  'certificates.k8s.io/v1alpha1',
  'coordination.k8s.io/v1alpha2',
  'coordination.k8s.io/v1beta1',
  'coordination.k8s.io/v1',
  'discovery.k8s.io/v1',
  'discovery.k8s.io/v1beta1',
  'events.k8s.io/v1',
  'events.k8s.io/v1beta1',
  'extensions/v1beta1',
  'flowcontrol.apiserver.k8s.io/v1',
  'flowcontrol.apiserver.k8s.io/v1beta1',
  'flowcontrol.apiserver.k8s.io/v1beta2',
  'flowcontrol.apiserver.k8s.io/v1beta3',
  'lifecycle.k8s.io/v1alpha1',
  'networking.k8s.io/v1',
  'networking.k8s.io/v1beta1',
  'node.k8s.io/v1',
  'node.k8s.io/v1alpha1',
  'node.k8s.io/v1beta1',
  'policy/v1',
  'policy/v1beta1',
  'rbac.authorization.k8s.io/v1',
  'rbac.authorization.k8s.io/v1beta1',
  'rbac.authorization.k8s.io/v1alpha1',
  'resource.k8s.io/v1',
  'resource.k8s.io/v1beta2',
  'resource.k8s.io/v1beta1',
  'resource.k8s.io/v1alpha3',
  'scheduling.k8s.io/v1alpha3',
  'scheduling.k8s.io/v1beta1',
  'scheduling.k8s.io/v1',
  'storage.k8s.io/v1beta1',
  'storage.k8s.io/v1',
  'storage.k8s.io/v1alpha1',
  'storagemigration.k8s.io/v1',
  'storagemigration.k8s.io/v1beta1',
  'apiextensions.k8s.io/v1beta1',
  'apiextensions.k8s.io/v1',
]

/** Kubernetes 1.37 with the API versions of its client library, as Helm 4.3 assumes. */
export const defaultCapabilities: Capabilities = {
  kubeVersion: { version: 'v1.37.0', normalized: 'v1.37.0', major: '1', minor: '37' },
  apiVersions: knownVersions,
}

/**
 * Reads `--kube-version`: at least major and minor, anything after three numbers is a suffix.
 *
 * @throws {ChartError} `invalid kube version …`
 */
export function parseKubeVersion(text: string): KubeVersion {
  const components = versionComponents(text)
  const [major = '', minor = ''] = components
  return {
    version: text.startsWith('v') ? text : `v${text}`,
    normalized: `v${components.join('.')}`,
    major,
    minor,
  }
}

/** The numbers that a version begins with. Source: k8s.io/apimachinery/pkg/util/version, ParseGeneric. */
function versionComponents(text: string): readonly string[] {
  const invalid = (why: string): ChartError =>
    new ChartError('CHART_INVALID', `invalid kube version '${text}': ${why}`)
  const numbers = /^\s*v?(\d+(?:\.\d+)*).*$/.exec(text)?.[1]
  if (numbers === undefined) throw invalid(`could not parse ${quote(text)} as version`)
  const components = numbers.split('.')
  const [first = ''] = components
  if (components.length < 2) throw invalid(`illegal version string ${quote(text)}`)
  if (first.startsWith('0') && first !== '0') {
    throw invalid(`illegal zero-prefixed version component ${quote(first)} in ${quote(text)}`)
  }
  return components.map((component) => {
    try {
      return String(parseUnsigned(component))
    } catch (cause) {
      if (!(cause instanceof NumError)) throw cause
      const what = `illegal non-numeric version component ${quote(component)} in ${quote(text)}`
      throw invalid(`${what}: ${cause.message}`)
    }
  })
}

/** `.Capabilities` as a Go value. */
export function capabilitiesValue({ kubeVersion, apiVersions }: Capabilities): GoValue {
  return new GoObject(
    '*common.Capabilities',
    new Map<string, GoValue>([
      ['KubeVersion', kubeVersionValue(kubeVersion)],
      ['APIVersions', versionSetValue(apiVersions)],
      ['HelmVersion', helmVersion],
    ]),
  )
}

function kubeVersionValue({ version, normalized, major, minor }: KubeVersion): GoValue {
  return new GoObject(
    'common.KubeVersion',
    new Map<string, GoValue>([
      ['Version', version],
      ['Major', major],
      ['Minor', minor],
    ]),
    new Map([
      ['String', define([], () => normalized)],
      ['GitVersion', define([], () => version)],
    ]),
  )
}

function versionSetValue(versions: readonly string[]): GoValue {
  const known = new Set(versions)
  return new GoSlice('common.VersionSet', versions, {
    methods: new Map([['Has', define(['string'], (version) => known.has(version))]]),
    underlying: '[]string',
  })
}

const helmVersion = new GoObject(
  'version.BuildInfo',
  new Map<string, GoValue>([
    ['Version', 'v4.3.1'],
    ['GitCommit', ''],
    ['GitTreeState', ''],
    ['GoVersion', 'go1.26.8'],
    ['KubeClientVersion', 'v1.37'],
  ]),
)
