import { constants, open } from 'node:fs/promises'

/** A file that grows at its end. The real one is on disk; tests bring one that fails. */
export interface LogFile {
  /** Writes all of `bytes` at `position`. */
  write(bytes: Buffer, position: number): Promise<void>
  /** Resolves when what was written survives a loss of power. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** Opens a file for writing, made if it is absent; what is in it stays. */
export type OpenLogFile = (path: string) => Promise<LogFile>

/**
 * Whether a write can be asked to return only once it is durable: that is one way to the disk and back instead of two.
 * Elsewhere the flag promises less than a sync.
 */
const syncsItself = process.platform === 'linux'

export const openLogFile: OpenLogFile = async (path) => {
  const flags = constants.O_RDWR | constants.O_CREAT | (syncsItself ? constants.O_DSYNC : 0)
  const handle = await open(path, flags, 0o600)
  return {
    write: async (bytes, position) => {
      let written = 0
      while (written < bytes.length) {
        // A short write is continued where it ended.
        const { bytesWritten } = await handle.write(
          bytes,
          written,
          bytes.length - written,
          position + written,
        )
        written += bytesWritten
      }
    },
    sync: async () => {
      if (!syncsItself) await handle.datasync()
    },
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  }
}
