/**
 * `sluice up` as a process, for tests and benchmarks that treat it as a person does, and a lab for the kustomize controller.
 *
 * @example
 * const sluice = sluiceProcess()
 * await sluice.start()
 */
export { type Lab, labNamespace, startLab } from './lab/lab.ts'
export {
  commitAndPush,
  read,
  type SluiceProcess,
  sluiceProcess,
  until,
} from './process/sluice-process.ts'
