/**
 * `sluice up`, an API server and `sluice controller` as processes, for tests and benchmarks that treat it as a person does, and a lab for the kustomize controller.
 *
 * @example
 * const sluice = sluiceProcess()
 * await sluice.start()
 */
export { type Lab, labNamespace, startLab } from './lab/lab.ts'
export { type ApiServerProcess, startApiServer } from './process/api-server-process.ts'
export { type ControllerProcess, startController } from './process/controller-process.ts'
export {
  commitAndPush,
  read,
  type SluiceProcess,
  sluiceProcess,
  until,
} from './process/sluice-process.ts'
