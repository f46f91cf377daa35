import type {
  Artifact,
  CommonMetadata,
  CrossNamespaceReference,
  ToolkitObject,
  ToolkitStatus,
} from './toolkit-object.ts'

/** An artifact that something outside of the toolkit makes and serves. */
export type ExternalArtifact = ToolkitObject & {
  readonly spec: ToolkitObject['spec'] & { readonly sourceRef?: CrossNamespaceReference }
  readonly status?: Pick<ToolkitStatus, 'conditions'> & { readonly artifact?: Artifact }
}

/** A source of an ArtifactGenerator, by its alias there. */
export type GeneratorSource = {
  readonly alias: string
  readonly kind: 'Bucket' | 'GitRepository' | 'OCIRepository' | 'HelmChart' | 'ExternalArtifact'
  readonly name: string
  readonly namespace?: string
}

/** Files to copy, from `@alias/glob` to `@artifact/path`. */
export type GeneratorCopy = {
  readonly from: string
  readonly to: string
  readonly exclude?: readonly string[]
  readonly strategy?: 'Overwrite' | 'Merge' | 'Extract'
}

export type GeneratorArtifact = {
  readonly name: string
  readonly revision?: string
  readonly originRevision?: string
  readonly copy: readonly GeneratorCopy[]
}

export type ArtifactGeneratorSpec = {
  readonly sources: readonly GeneratorSource[]
  readonly artifacts: readonly GeneratorArtifact[]
  readonly pathPattern?: string
  readonly commonMetadata?: CommonMetadata
}

export type ArtifactGeneratorStatus = Pick<ToolkitStatus, 'conditions' | 'lastHandledReconcileAt'> & {
  readonly observedSourcesDigest?: string
  readonly inventory?: readonly {
    readonly name: string
    readonly namespace: string
    readonly digest: string
    readonly filename: string
  }[]
}

/** Composes artifacts of several sources, or splits one into many. */
export type ArtifactGenerator = ToolkitObject & {
  readonly spec: ToolkitObject['spec'] & ArtifactGeneratorSpec
  readonly status?: ArtifactGeneratorStatus
}
