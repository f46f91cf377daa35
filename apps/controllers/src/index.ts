/**
 * The controllers put together: in one process with an embedded cluster, or as programs of their own for any cluster, with
 * the flags of Flux's.
 *
 * @example
 * const { settings, shared } = readCommandLine(['source', 'kustomize', '--enable-leader-election'], { env, hostname })
 * await runControllers(settings, shared, { machine, signal })
 */
export type { ControllerPlaces } from './compose/parts.ts'
export { type ControllerName, controllerNames, controllersNamed } from './controller-name.ts'
export { type Controllers, type ControllersOptions, createControllers } from './create-controllers.ts'
export { flagsOf } from './flags/controller-flags.ts'
export { featureGates, ignoredGates } from './flags/feature-gates.ts'
export type { Flag, FlagKind } from './flags/flag.ts'
export { FlagError, type FlagErrorCode } from './flags/flag-error.ts'
export { usage } from './flags/usage.ts'
export { type Machine, runControllers } from './process/run-controllers.ts'
export { type CommandLine, readCommandLine } from './read-command-line.ts'
export { type ControllerSettings, controllerSettings, type ProcessSettings } from './settings.ts'
