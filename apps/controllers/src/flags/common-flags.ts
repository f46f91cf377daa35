import type { Flag } from './flag.ts'

/** Flags that a controller has of its own default. */
export type CommonDefaults = { readonly concurrent: number; readonly requeueDependency?: string }

const addresses: readonly Flag[] = [
  {
    name: 'metrics-addr',
    kind: 'text',
    default: ':8080',
    help: 'where metrics are served, in the text format of Prometheus; 0 serves none',
  },
  {
    name: 'health-addr',
    kind: 'text',
    default: ':9440',
    help: 'where /healthz and /readyz are served; 0 serves none',
  },
  {
    name: 'events-addr',
    kind: 'text',
    default: '',
    help: 'URL of the notification controller; events stay in the cluster without it',
  },
]

const client: readonly Flag[] = [
  {
    name: 'kube-api-qps',
    kind: 'number',
    default: '50',
    help: 'requests a second to an API server that has no flow control of its own; any number when negative',
  },
  {
    name: 'kube-api-burst',
    kind: 'integer',
    default: '300',
    help: 'requests at once to such an API server after a time of rest',
  },
]

const logging: readonly Flag[] = [
  { name: 'log-encoding', kind: 'text', default: 'json', help: 'form of log lines: json or console' },
  { name: 'log-level', kind: 'text', default: 'info', help: 'trace, debug, info or error' },
]

const leaderElection: readonly Flag[] = [
  {
    name: 'enable-leader-election',
    kind: 'switch',
    default: 'false',
    help: 'work only while holding the lease of the controller, so that one of several replicas does',
  },
  {
    name: 'leader-election-release-on-cancel',
    kind: 'switch',
    default: 'true',
    help: 'set the lease free at the end, so that another replica takes over at once',
  },
  {
    name: 'leader-election-lease-duration',
    kind: 'duration',
    default: '35s',
    help: 'how long others wait after the last renewal of the lease before they take it',
  },
  {
    name: 'leader-election-renew-deadline',
    kind: 'duration',
    default: '30s',
    help: 'how long renewing the lease may fail before the process ends',
  },
  {
    name: 'leader-election-retry-period',
    kind: 'duration',
    default: '5s',
    help: 'pause between two attempts to take or renew the lease',
  },
]

const watching: readonly Flag[] = [
  {
    name: 'watch-all-namespaces',
    kind: 'switch',
    default: 'true',
    help: 'look at all namespaces; otherwise only at $RUNTIME_NAMESPACE',
  },
  {
    name: 'watch-label-selector',
    kind: 'text',
    default: '',
    help: "reconcile only objects with these labels, such as 'sharding.fluxcd.io/key=shard1'",
  },
]

const retrying: readonly Flag[] = [
  {
    name: 'min-retry-delay',
    kind: 'duration',
    default: '750ms',
    help: 'first pause after a failure; doubled with each further one',
  },
  { name: 'max-retry-delay', kind: 'duration', default: '15m0s', help: 'longest pause after failures' },
]

/** Flags that all controllers have. */
export function commonFlags({ concurrent, requeueDependency }: CommonDefaults): readonly Flag[] {
  return [
    ...addresses,
    {
      name: 'concurrent',
      kind: 'integer',
      default: String(concurrent),
      help: 'objects of one kind that are reconciled at the same time',
    },
    ...(requeueDependency === undefined
      ? []
      : ([
          {
            name: 'requeue-dependency',
            kind: 'duration',
            default: requeueDependency,
            help: 'pause before something that is missing is looked for again',
          },
        ] as const)),
    ...client,
    ...logging,
    ...leaderElection,
    ...watching,
    ...retrying,
    {
      name: 'feature-gates',
      kind: 'gates',
      default: '',
      help: 'features to switch on or off, as Name=true,Other=false',
    },
  ]
}

/** Flags that more than one controller has. */
export const watchConfigsLabelSelector: Flag = {
  name: 'watch-configs-label-selector',
  kind: 'text',
  default: 'reconcile.fluxcd.io/watch=Enabled',
  help: 'Secrets and ConfigMaps with these labels wake the objects that read them',
}

/** For controllers that read no Secrets and ConfigMaps which could wake them. */
export const ignoredConfigsLabelSelector: Flag = {
  ...watchConfigsLabelSelector,
  ignored: 'this controller reads Secrets when it needs them and is not woken by them, as in Flux',
}

export const noCrossNamespaceRefs: Flag = {
  name: 'no-cross-namespace-refs',
  kind: 'switch',
  default: 'false',
  help: 'refuse references to objects in other namespaces',
}

export const intervalJitter: Flag = {
  name: 'interval-jitter-percentage',
  kind: 'integer',
  default: '5',
  most: 99,
  help: 'how far an interval is shortened or lengthened at random, in percent',
}

export const tokenCache: readonly Flag[] = [
  {
    name: 'token-cache-max-size',
    kind: 'integer',
    default: '100',
    help: 'tokens of clouds that are kept; 0 keeps none',
  },
  {
    name: 'token-cache-max-duration',
    kind: 'duration',
    default: '1h0m0s',
    help: 'how long a token of a cloud is used at most',
  },
]

export const kubeConfigs: readonly Flag[] = [
  {
    name: 'insecure-kubeconfig-exec',
    kind: 'switch',
    default: 'false',
    help: 'let kubeconfigs of objects run commands for their credentials',
  },
  {
    name: 'insecure-kubeconfig-tls',
    kind: 'switch',
    default: 'false',
    help: "let kubeconfigs of objects do without verifying the server's certificate",
  },
  {
    name: 'default-kubeconfig-service-account',
    kind: 'text',
    default: '',
    help: 'ServiceAccount that logs in to clusters of clouds where an object names none',
  },
]

export const impersonated: Flag = {
  name: 'default-service-account',
  kind: 'text',
  default: '',
  help: 'ServiceAccount whose rights are used where an object names none',
}

export const cloudIdentity: Flag = {
  name: 'default-service-account',
  kind: 'text',
  default: '',
  help: 'ServiceAccount that logs in to clouds where an object names none',
}

export const httpRetry: Flag = {
  name: 'http-retry',
  kind: 'integer',
  default: '9',
  help: 'how often a download of an artifact is tried again',
  ignored: 'the object is reconciled again instead, with growing pauses',
}

export const sshAlgorithms: readonly Flag[] = [
  {
    name: 'ssh-kex-algos',
    kind: 'list',
    default: '',
    help: 'algorithms for the exchange of keys over SSH, the most preferred first',
  },
  {
    name: 'ssh-hostkey-algos',
    kind: 'list',
    default: '',
    help: 'algorithms of host keys that are accepted over SSH, the most preferred first',
  },
]

export const storage: readonly Flag[] = [
  {
    name: 'storage-path',
    kind: 'text',
    default: '/data',
    env: 'STORAGE_PATH',
    help: 'directory where artifacts are kept',
  },
  {
    name: 'storage-addr',
    kind: 'text',
    default: ':9090',
    env: 'STORAGE_ADDRESS',
    help: 'where artifacts are served',
  },
  {
    name: 'storage-adv-addr',
    kind: 'text',
    default: '',
    env: 'STORAGE_ADV_ADDR',
    help: "host, and port, in the artifacts' URLs; made from --storage-addr without it",
  },
  {
    name: 'storage-blob-url',
    kind: 'text',
    default: '',
    env: 'STORAGE_BLOB_URL',
    help: 'bucket (s3://bucket/prefix) or registry (oci://host/repository) that keeps artifacts for all replicas',
  },
  {
    name: 'storage-blob-cache-size',
    kind: 'integer',
    default: '10240',
    help: 'megabytes of artifacts on the disk when they are kept elsewhere',
  },
  {
    name: 'artifact-retention-ttl',
    kind: 'duration',
    default: '1m0s',
    help: 'age at which artifacts other than the current one go',
  },
  {
    name: 'artifact-retention-records',
    kind: 'integer',
    default: '2',
    help: 'artifacts of one object that are kept, the current one included',
  },
  {
    name: 'artifact-digest-algo',
    kind: 'text',
    default: 'sha256',
    help: 'algorithm of the digests of artifacts: sha256, sha384 or sha512',
  },
]
