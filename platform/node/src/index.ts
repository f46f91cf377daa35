/**
 * The node of the embedded cluster: brings workloads to the state that a healthy cluster shows. Its pods are
 * simulated, and its name, labels, version and events say so.
 *
 * @example
 * await runNode({ cluster, clock, log, signal, ready: () => log.info('node is ready') })
 */
export { nodeName } from './node-object.ts'
export { fateAnnotation, type PodFate } from './pods/pod-fate.ts'
export { type NodeDeps, runNode } from './run-node.ts'
export type { Pod } from './workloads/workload.ts'
