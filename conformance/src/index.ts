/**
 * `sluice up` as a process, for tests and benchmarks that treat it as a person does.
 *
 * @example
 * const sluice = sluiceProcess()
 * await sluice.start()
 */
export {
  commitAndPush,
  read,
  type SluiceProcess,
  sluiceProcess,
  until,
} from './process/sluice-process.ts'
