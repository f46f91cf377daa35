/**
 * What the controllers that apply things have in common: dependencies, the cluster to apply to, what wakes them.
 *
 * @example
 * await checkDependencies(object, { read: (key) => cache.get(key), resource, words })
 * const target = await targetCluster(object, { cluster, connect, words, signal })
 */
export {
  type CrossDependencyCheck,
  checkCrossDependencies,
  crossDependencies,
  crossDependencyWatch,
  formatReference,
  type KindReference,
} from './cross-dependencies.ts'
export {
  checkDependencies,
  type DependencyCheck,
  DependencyError,
  type Dependent,
  dependencyKeys,
} from './dependencies.ts'
export { blockingCycle } from './dependency-cycle.ts'
export {
  type DriftWatch,
  type DriftWatchOptions,
  driftWatch,
  type OwnerKey,
  type SeenDrift,
} from './drift/drift-watch.ts'
export { type Observer, observedCluster } from './drift/observed-cluster.ts'
export { explainsErrors, maxExplained, refusalHint } from './explain.ts'
export { ignoredPointers } from './ignore-rules.ts'
export { changesOf, onlyPlans, type Plan, tellPlan } from './plan-report.ts'
export { configsFor, rememberedConfigs } from './remembered-configs.ts'
export {
  canImpersonate,
  type TargetCluster,
  TargetError,
  type TargetOptions,
  type TargetWords,
  targetCluster,
} from './target-cluster.ts'
export { durationText, elapsedText } from './timing.ts'
export { type ConfigWatchOptions, configWatches, dependencyWatch, readyStatus } from './watches.ts'
