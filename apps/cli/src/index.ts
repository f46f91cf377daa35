/**
 * The command line, and the embedded cluster that `sluice up` runs.
 *
 * @example
 * await using embedded = await startEmbedded({ storage: memoryStorage(), artifactDirectory, tagDirectory, ports, mirrors, log })
 * await embedded.cluster.resourceFor('v1', 'ConfigMap', { signal })
 */
export type { CommandContext } from './command-context.ts'
export type { Terminal } from './output/terminal.ts'
export type { ProgramName } from './program.ts'
export { runProgram } from './run-program.ts'
export { type Embedded, type EmbeddedOptions, startEmbedded } from './up/embedded.ts'
export { closeServer, listenOnLoopback } from './up/loopback-server.ts'
export { mirroredHttp } from './up/mirrored-http.ts'
