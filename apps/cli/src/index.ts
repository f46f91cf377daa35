/**
 * The command line, and the embedded cluster that `sluice up` runs.
 *
 * @example
 * await using embedded = await startEmbedded({ storage: memoryStorage(), artifactDirectory, ports, mirrors, log })
 * await embedded.cluster.resourceFor('v1', 'ConfigMap', { signal })
 */
export { type Embedded, type EmbeddedOptions, startEmbedded } from './up/embedded.ts'
export { closeServer, listenOnLoopback } from './up/loopback-server.ts'
export { mirroredHttp } from './up/mirrored-http.ts'
