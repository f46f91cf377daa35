/**
 * Which package may use which: the only place where the direction of dependencies is written down.
 * Keys and entries are package names without the scope; `path` is where the package lives.
 */
export type Layer = { readonly path: string; readonly mayUse: readonly string[] }

const engines = [
  'ports',
  'go',
  'yaml',
  'cel',
  'template',
  'schema',
  'merge',
  'kustomize',
  'chart',
  'image',
  'health',
  'toolkit',
  'delivery',
] as const
const sources = [
  'cloud',
  'signatures',
  'git',
  'oci',
  'bucket',
  'helmrepo',
  'artifact',
  'blobs',
  'secrets',
] as const
const forControllers = [...engines, ...sources, 'access', 'host', 'cluster', 'runtime', 'applier'] as const
const controllers = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'image-reflector-controller',
  'image-automation-controller',
] as const

export const layers: Readonly<Record<string, Layer>> = {
  ports: { path: 'engines/ports', mayUse: [] },
  go: { path: 'engines/go', mayUse: ['ports'] },
  yaml: { path: 'engines/yaml', mayUse: ['ports', 'go'] },
  cel: { path: 'engines/cel', mayUse: ['ports', 'go'] },
  template: { path: 'engines/template', mayUse: ['ports', 'go', 'yaml'] },
  schema: { path: 'engines/schema', mayUse: ['ports', 'go', 'yaml', 'cel'] },
  merge: { path: 'engines/merge', mayUse: ['ports', 'yaml', 'schema'] },
  kustomize: { path: 'engines/kustomize', mayUse: ['ports', 'go', 'yaml', 'schema', 'merge'] },
  chart: { path: 'engines/chart', mayUse: ['ports', 'go', 'yaml', 'template', 'schema'] },
  image: { path: 'engines/image', mayUse: ['ports', 'go', 'yaml', 'template'] },
  health: { path: 'engines/health', mayUse: ['ports', 'go', 'cel'] },
  toolkit: { path: 'engines/toolkit', mayUse: ['ports', 'schema', 'health'] },
  delivery: { path: 'engines/delivery', mayUse: engines.slice(0, -1) },

  host: { path: 'platform/host', mayUse: ['ports', 'go'] },
  git: { path: 'platform/git', mayUse: ['ports', 'go'] },
  oci: { path: 'platform/oci', mayUse: ['ports', 'go'] },
  cloud: { path: 'platform/cloud', mayUse: ['ports', 'go', 'yaml'] },
  signatures: { path: 'platform/signatures', mayUse: ['ports', 'go', 'oci'] },
  bucket: { path: 'platform/bucket', mayUse: ['ports', 'go', 'cloud'] },
  helmrepo: { path: 'platform/helmrepo', mayUse: ['ports', 'go', 'yaml', 'chart', 'oci'] },
  access: { path: 'platform/access', mayUse: ['ports', 'go', 'cluster', 'cloud', 'git', 'oci'] },
  artifact: { path: 'platform/artifact', mayUse: ['ports', 'go', 'host'] },
  blobs: { path: 'platform/blobs', mayUse: ['ports', 'cloud', 'oci', 'bucket', 'artifact'] },
  secrets: { path: 'platform/secrets', mayUse: ['ports', 'go', 'yaml', 'cloud'] },
  cluster: {
    path: 'platform/cluster',
    mayUse: ['ports', 'go', 'yaml', 'schema', 'merge', 'health', 'toolkit'],
  },
  apiserver: { path: 'platform/apiserver', mayUse: [...engines, 'cluster', 'host'] },
  node: { path: 'platform/node', mayUse: ['ports', 'go', 'cluster', 'health', 'host'] },
  runtime: { path: 'platform/runtime', mayUse: ['ports', 'go', 'cluster', 'toolkit', 'health'] },
  applier: {
    path: 'platform/applier',
    mayUse: ['ports', 'go', 'cel', 'health', 'toolkit', 'access', 'cluster', 'runtime'],
  },

  'source-controller': { path: 'controllers/source', mayUse: forControllers },
  'kustomize-controller': { path: 'controllers/kustomize', mayUse: forControllers },
  'helm-controller': { path: 'controllers/helm', mayUse: forControllers },
  'image-reflector-controller': { path: 'controllers/image-reflector', mayUse: forControllers },
  'image-automation-controller': { path: 'controllers/image-automation', mayUse: forControllers },

  controllers: { path: 'apps/controllers', mayUse: [...forControllers, ...controllers] },
  cli: {
    path: 'apps/cli',
    mayUse: [...forControllers, 'apiserver', 'node', ...controllers, 'controllers'],
  },

  conformance: {
    path: 'conformance',
    mayUse: [...forControllers, 'apiserver', 'node', ...controllers, 'cli'],
  },
  bench: {
    path: 'bench',
    mayUse: [...forControllers, 'apiserver', 'node', ...controllers, 'cli', 'conformance'],
  },
}
