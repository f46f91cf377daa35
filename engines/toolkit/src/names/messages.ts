/** Status and event texts that people and tools read; wire-compatible with Flux 2.9. */
export const messages = {
  reconciliationInProgress: 'reconciliation in progress',
  newGeneration: (from: number, to: number): string => `processing object: new generation ${from} -> ${to}`,
  buildingArtifact: 'building artifact',
  artifactDisappeared: 'building artifact: disappeared from storage',
  storedArtifact: (revision: string): string => `stored artifact for revision '${revision}'`,
  appliedRevision: (revision: string): string => `Applied revision: ${revision}`,
  crossNamespaceBlocked: (kind: string, namespace: string, name: string): string =>
    `can't access '${kind}/${namespace}/${name}', cross-namespace references have been blocked`,
  reconciliationFinished: (took: string, next: string): string =>
    `Reconciliation finished in ${took}, next run in ${next}`,
} as const
