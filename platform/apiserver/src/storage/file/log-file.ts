import { open } from 'node:fs/promises'

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

export const openLogFile: OpenLogFile = async (path) => {
  const handle = await open(path, 'a+').then(async (made) => {
    await made.close()
    // Appending files ignore positions, and cutting a torn end needs them.
    return open(path, 'r+')
  })
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
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  }
}
