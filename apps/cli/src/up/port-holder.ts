import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { CliError } from '../cli-error.ts'

/**
 * Turns a listening error into one that names who holds the port and which flag changes it.
 * Errors of other kinds come back as they are.
 */
export function portError(
  error: unknown,
  { port, flag }: { readonly port: number; readonly flag: string },
): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error
  const holder = portHolder(port)
  return new CliError(`port ${port} is in use${holder ? ` by ${holder}` : ''}`, {
    nextStep: `end that program, or take another port with ${flag}`,
    cause: error,
  })
}

/** `name (pid N)` of the process that listens on `port`, where the system tells (Linux). */
export function portHolder(port: number): string | undefined {
  try {
    const inode = listeningInode(port)
    return inode === undefined ? undefined : processWithSocket(inode)
  } catch {
    // Only a nicety: without /proc the message does without the name.
    return undefined
  }
}

function listeningInode(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const listening = '0A'
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(suffix) && fields[3] === listening) return fields[9]
    }
  }
  return undefined
}

function processWithSocket(inode: string): string | undefined {
  const wanted = `socket:[${inode}]`
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (openFiles(pid).includes(wanted)) {
      return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`
    }
  }
  return undefined
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    // Processes end and belong to others; theirs is not the socket we may name.
    return []
  }
}
