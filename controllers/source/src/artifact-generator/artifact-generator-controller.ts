import type { KubeObject } from '@sluice/ports'
import { type Reconciler, type Run, runSteps, type Watch } from '@sluice/runtime'
import {
  type ArtifactGenerator,
  annotations,
  artifactGeneratorDefinition,
  artifactGeneratorFinalizer,
  type ConditionTable,
  conditionTypes,
  decodeArtifactGenerator,
  disabledValue,
  externalArtifactDefinition,
  fieldManagers,
  resourceOf,
  type SourceStatus,
} from '@sluice/toolkit'
import { makeArtifacts } from './build-step.ts'
import { detectDrift } from './drift-step.ts'
import { withdrawArtifacts } from './external-artifact.ts'
import {
  type ArtifactGeneratorDeps,
  type GeneratorStep,
  type GeneratorWork,
  generatorReasons,
  inventoryOf,
} from './generator-work.ts'
import { fetchSources, generatorSourceKinds, observeSources, sourceKey } from './sources-step.ts'
import { validateSpec } from './validate-step.ts'

/** The steps set `Ready` themselves; the status has no generation of its own. */
const conditions: ConditionTable = {
  target: conditionTypes.ready,
  owned: [conditionTypes.ready, conditionTypes.reconciling, conditionTypes.stalled],
  summarize: [],
  negativePolarity: [conditionTypes.reconciling, conditionTypes.stalled],
  withoutObservedGeneration: true,
}

const steps: readonly GeneratorStep[] = [
  validateSpec,
  observeSources,
  detectDrift,
  fetchSources,
  makeArtifacts,
]

/** Reconciles ArtifactGenerators: puts ExternalArtifacts together from the files of other sources. */
export function artifactGeneratorController(deps: ArtifactGeneratorDeps): Reconciler<ArtifactGenerator> {
  return {
    resource: resourceOf(artifactGeneratorDefinition),
    decode: decodeArtifactGenerator,
    controller: fieldManagers.sourceWatcher,
    fieldManager: fieldManagers.sourceWatcher,
    finalizer: artifactGeneratorFinalizer,
    conditions,
    isSuspended: ({ metadata }) =>
      metadata.annotations?.[annotations.generatorReconcile]?.toLowerCase() === disabledValue,
    answersWhileSuspended: true,
    whenSuspended: saySuspended,
    reconcile: async (run) => {
      const work: GeneratorWork = { run, deps, sources: new Map(), sourcesDigest: '', trees: new Map() }
      return runSteps(work, steps)
    },
    finalize: async (run) => {
      await withdrawArtifacts(run, deps, inventoryOf(run.object))
      return undefined
    },
    watches: [...watchSources(), watchArtifacts()],
  }
}

function saySuspended(run: Run<ArtifactGenerator>): void {
  const reason = generatorReasons.reconciliationDisabled
  if (!run.conditions.get('Ready')) {
    run.conditions.markTrue('Ready', reason, 'Initialized with reconciliation suspended')
  }
  run.event({ type: 'Trace', reason, message: 'Reconciliation is disabled' })
}

/** A new revision of a source wakes what is made from it. */
function watchSources(): readonly Watch<ArtifactGenerator>[] {
  return Object.entries(generatorSourceKinds).map(([kind, { definition }]) => ({
    resource: resourceOf(definition),
    refersTo: (object) =>
      object.spec.sources.filter((it) => it.kind === kind).map((it) => sourceKey(object, it)),
    when: ({ before, after }) => {
      const revision = revisionOf(after)
      return revision !== undefined && revision !== revisionOf(before)
    },
  }))
}

/** An artifact that someone deletes is made again at once. */
function watchArtifacts(): Watch<ArtifactGenerator> {
  return {
    resource: resourceOf(externalArtifactDefinition),
    refersTo: inventoryOf,
    when: ({ after, origin }) => after === undefined && origin !== 'write',
  }
}

function revisionOf(source: KubeObject | undefined): string | undefined {
  const { artifact } = (source?.['status'] ?? {}) as SourceStatus
  return artifact?.revision
}
