/**
 * The outside for real: disk, HTTP and archives behind the ports that everything else is written against.
 *
 * @example
 * const http = createHttp()
 * const tree = diskFileTree('./config')
 */
export { ArchiveError } from './archive/archive-error.ts'
export { type ArchiveBounds, archiveFileTree, unpackTarGz } from './archive/archive-tree.ts'
export { hostCompression } from './archive/compression.ts'
export { gunzip, gzip } from './archive/gzip.ts'
export { type ReadTarEntry, readTar, type TarBounds } from './archive/tar-reader.ts'
export { createCertificate } from './certificates.ts'
export { nodeCrypto } from './crypto.ts'
export { type AtomicWriteOptions, temporaryPrefix, writeAtomically } from './disk/atomic-write.ts'
export { diskFileTree } from './disk/disk-file-tree.ts'
export { createTempDirectory, type TempDirectory } from './disk/temp-directory.ts'
export { withoutPassword } from './http/go-net-errors.ts'
export { createHttp, type HostHttp, type HttpOptions } from './http/http.ts'
export { systemClock, systemRandom } from './system-clock.ts'
export type { PackedError } from './workers/messages.ts'
export { type Ask, serveJobs } from './workers/serve-jobs.ts'
export { JobError, WorkerError } from './workers/worker-error.ts'
export {
  type JobOptions,
  type WorkerPool,
  type WorkerPoolOptions,
  workerPool,
} from './workers/worker-pool.ts'
