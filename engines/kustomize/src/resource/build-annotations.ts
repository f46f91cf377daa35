const domain = 'internal.config.kubernetes.io'

type BuildFact =
  | 'previousKinds'
  | 'previousNames'
  | 'previousNamespaces'
  | 'prefixes'
  | 'suffixes'
  | 'behavior'
  | 'needsHash'
  | 'allowNameChange'
  | 'allowKindChange'
  | 'refBy'
  | 'helmGenerated'

/** Annotations by which kustomize keeps what it knows of a resource; those of the input count as well. */
export const buildAnnotation: Readonly<Record<BuildFact, string>> = {
  previousKinds: `${domain}/previousKinds`,
  previousNames: `${domain}/previousNames`,
  previousNamespaces: `${domain}/previousNamespaces`,
  prefixes: `${domain}/prefixes`,
  suffixes: `${domain}/suffixes`,
  behavior: `${domain}/generatorBehavior`,
  needsHash: `${domain}/needsHashSuffix`,
  allowNameChange: `${domain}/allowNameChange`,
  allowKindChange: `${domain}/allowKindChange`,
  refBy: `${domain}/refBy`,
  helmGenerated: `${domain}/helm-generated`,
}

/** Prefix of all annotations that are kustomize's own. */
export const internalPrefix: string = `${domain}/`

/** Annotations of the input that never reach the output. */
export const removedAnnotations: readonly string[] = [
  ...Object.values(buildAnnotation),
  `${domain}/path`,
  `${domain}/index`,
  `${domain}/seqindent`,
  `${domain}/id`,
  `${domain}/annotations-migration-resource-id`,
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
]

export const originAnnotation = 'config.kubernetes.io/origin'
export const transformationsAnnotation = 'alpha.config.kubernetes.io/transformations'
/** Resources with this annotation are for kustomize's functions and no part of the output. */
export const localConfigAnnotation = 'config.kubernetes.io/local-config'
