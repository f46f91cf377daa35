import type { Suite } from './suite.ts'

/** The suites by name, each loaded when it is asked for. */
export const suites: Readonly<Record<string, () => Promise<Suite>>> = {
  gotemplate: async () => (await import('./suites/gotemplate/suite.ts')).suite,
  kustomize: async () => (await import('./suites/kustomize/suite.ts')).suite,
  helm: async () => (await import('./suites/helm/suite.ts')).suite,
  cel: async () => (await import('./suites/cel/suite.ts')).suite,
  apiserver: async () => (await import('./suites/apiserver/suite.ts')).suite,
  flux: async () => (await import('./suites/flux/suite.ts')).suite,
}
