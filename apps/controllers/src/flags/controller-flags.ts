import type { ControllerName } from '../controller-name.ts'
import {
  cloudIdentity,
  commonFlags,
  httpRetry,
  ignoredConfigsLabelSelector,
  impersonated,
  intervalJitter,
  kubeConfigs,
  noCrossNamespaceRefs,
  sshAlgorithms,
  storage,
  tokenCache,
  watchConfigsLabelSelector,
} from './common-flags.ts'
import type { Flag } from './flag.ts'

const indexSearchedOnDisk = 'stored indexes are searched as they lie, so there is nothing to keep in memory'

const sourceFlags: readonly Flag[] = [
  ...commonFlags({ concurrent: 2, requeueDependency: '30s' }).map(withSourceVariables),
  ignoredConfigsLabelSelector,
  intervalJitter,
  ...tokenCache,
  cloudIdentity,
  ...sshAlgorithms,
  ...storage,
  {
    name: 'helm-index-max-size',
    kind: 'integer',
    default: '52428800',
    help: 'largest index of a Helm repository, in bytes',
  },
  {
    name: 'helm-chart-max-size',
    kind: 'integer',
    default: '10485760',
    help: 'largest packed Helm chart, in bytes',
  },
  {
    name: 'helm-chart-file-max-size',
    kind: 'integer',
    default: '5242880',
    help: 'largest file in a Helm chart, in bytes',
  },
  {
    name: 'helm-cache-max-size',
    kind: 'integer',
    default: '0',
    help: 'indexes of Helm repositories that are kept in memory',
    ignored: indexSearchedOnDisk,
  },
  {
    name: 'helm-cache-ttl',
    kind: 'text',
    default: '15m',
    help: 'how long an index is kept in memory',
    ignored: indexSearchedOnDisk,
  },
  {
    name: 'helm-cache-purge-interval',
    kind: 'text',
    default: '1m',
    help: 'how often indexes are looked through for old ones',
    ignored: indexSearchedOnDisk,
  },
]

const kustomizeFlags: readonly Flag[] = [
  ...commonFlags({ concurrent: 4, requeueDependency: '30s' }),
  watchConfigsLabelSelector,
  noCrossNamespaceRefs,
  intervalJitter,
  ...tokenCache.map(ofRemoteClusters),
  ...kubeConfigs,
  impersonated,
  httpRetry,
  {
    name: 'concurrent-ssa',
    kind: 'integer',
    default: '4',
    help: 'objects of one Kustomization that are applied at the same time',
  },
  {
    name: 'no-remote-bases',
    kind: 'switch',
    default: 'false',
    help: 'refuse bases that a kustomization names by URL',
    ignored: 'bases by URL are always refused',
  },
  {
    name: 'default-decryption-service-account',
    kind: 'text',
    default: '',
    help: 'ServiceAccount that decrypts where a Kustomization names none',
    ignored: 'key services of clouds are asked with the credentials of the decryption Secret',
  },
  {
    name: 'sops-age-secret',
    kind: 'text',
    default: '',
    help: 'Secret in $RUNTIME_NAMESPACE with age identities for Kustomizations that name none',
  },
  {
    name: 'sops-vault-configmap',
    kind: 'text',
    default: '',
    help: 'ConfigMap in $RUNTIME_NAMESPACE with the Vaults that may be shown tokens of ServiceAccounts',
    ignored: 'Vaults are asked with the token of the decryption Secret only',
  },
  {
    name: 'override-manager',
    kind: 'repeated',
    default: '',
    help: "field manager whose fields are taken over besides kubectl's; may be given several times",
  },
  {
    name: 'custom-apply-stage-kinds',
    kind: 'text',
    default: '',
    help: 'kinds of an apply stage of their own, as group/Kind, parted by commas',
  },
]

const needsGate = 'needs the feature gate OOMWatch'

const helmFlags: readonly Flag[] = [
  ...commonFlags({ concurrent: 4, requeueDependency: '30s' }),
  watchConfigsLabelSelector,
  noCrossNamespaceRefs,
  intervalJitter,
  ...tokenCache.map(ofRemoteClusters),
  ...kubeConfigs,
  impersonated,
  httpRetry,
  {
    name: 'http-timeout',
    kind: 'duration',
    default: '30s',
    help: 'how long a download of a chart may take',
  },
  {
    name: 'graceful-shutdown-timeout',
    kind: 'duration',
    default: '10m0s',
    help: "how long Helm's actions under way may take to come to their end when the process is to stop",
  },
  {
    name: 'oom-watch-memory-threshold',
    kind: 'integer',
    default: '95',
    most: 100,
    help: `part of the memory limit, in percent, at which the process stops in good order; ${needsGate}`,
  },
  {
    name: 'oom-watch-interval',
    kind: 'duration',
    default: '500ms',
    help: `how often memory is looked at; ${needsGate}`,
  },
  {
    name: 'oom-watch-max-memory-path',
    kind: 'text',
    default: '',
    help: `file with the memory limit, found by itself without it; ${needsGate}`,
  },
  {
    name: 'oom-watch-current-memory-path',
    kind: 'text',
    default: '',
    help: `file with the memory in use, found by itself without it; ${needsGate}`,
  },
  {
    name: 'snapshot-digest-algo',
    kind: 'text',
    default: 'sha256',
    help: 'algorithm of the digests of releases in the history',
    ignored: 'they are SHA-256, which readers of the history expect',
  },
  {
    name: 'override-manager',
    kind: 'repeated',
    default: '',
    help: 'field manager whose fields count as drift where the release does not have them; may be given several times',
  },
]

const imageReflectorFlags: readonly Flag[] = [
  ...commonFlags({ concurrent: 4, requeueDependency: '30s' }),
  ignoredConfigsLabelSelector,
  noCrossNamespaceRefs,
  ...tokenCache,
  cloudIdentity,
  {
    name: 'storage-path',
    kind: 'text',
    default: '/data',
    help: 'directory where the tags of images are kept',
  },
  {
    name: 'storage-value-log-file-size',
    kind: 'integer',
    default: '268435456',
    help: 'size of a file of the database of tags, in bytes',
    ignored: 'tags are kept in a file an image, which is replaced as a whole',
  },
  {
    name: 'storage-compression-threshold',
    kind: 'integer',
    default: '64',
    help: 'size from which tags are compressed, in KiB',
    ignored: 'tags are kept as they are',
  },
  {
    name: 'gc-interval',
    kind: 'integer',
    default: '10',
    most: 65_535,
    help: 'minutes between two collections of garbage',
    ignored: 'the tags of an image go with its ImageRepository',
  },
]

const imageAutomationFlags: readonly Flag[] = [
  ...commonFlags({ concurrent: 4 }),
  ignoredConfigsLabelSelector,
  noCrossNamespaceRefs,
  ...tokenCache,
  cloudIdentity,
  ...sshAlgorithms,
]

const sourceWatcherFlags: readonly Flag[] = [
  ...commonFlags({ concurrent: 10, requeueDependency: '5s' }),
  ignoredConfigsLabelSelector,
  noCrossNamespaceRefs,
  intervalJitter,
  httpRetry,
  ...storage,
  {
    name: 'reconciliation-timeout',
    kind: 'duration',
    default: '10m0s',
    help: 'how long one run may take',
    ignored: 'each download has a time of its own',
  },
]

const flags: Readonly<Record<ControllerName, readonly Flag[]>> = {
  'source-controller': sourceFlags,
  'kustomize-controller': kustomizeFlags,
  'helm-controller': helmFlags,
  'image-reflector-controller': imageReflectorFlags,
  'image-automation-controller': imageAutomationFlags,
  'source-watcher': sourceWatcherFlags,
}

/**
 * All flags of a controller.
 *
 * Source: the programs of Flux 2.9.
 */
export function flagsOf(name: ControllerName): readonly Flag[] {
  return flags[name]
}

function withSourceVariables(flag: Flag): Flag {
  if (flag.name === 'metrics-addr') return { ...flag, env: 'METRICS_ADDR' }
  return flag.name === 'events-addr' ? { ...flag, env: 'EVENTS_ADDR' } : flag
}

function ofRemoteClusters(flag: Flag): Flag {
  return { ...flag, ignored: 'tokens for clusters of clouds are kept with the connection to the cluster' }
}
