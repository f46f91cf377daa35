import { open, readFile, rm } from 'node:fs/promises'
import { StorageError } from '../storage.ts'

type Holder = { readonly pid: number; readonly started: string }

/**
 * Takes a directory for this process. A lock whose process is gone is taken over.
 *
 * @returns what gives the directory back
 * @throws {StorageError} `STORAGE_LOCKED` when another living process has it
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = `${directory}/lock`
  const own: Holder = { pid: process.pid, started: await startOf(process.pid) }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    // Each attempt sees what the last one found.
    if (await create(path, own)) return () => rm(path, { force: true })
    const holder = await read(path)
    if (holder && (await isAlive(holder))) {
      throw new StorageError(
        'STORAGE_LOCKED',
        `${directory} is in use by process ${holder.pid}; stop it, or use another directory`,
      )
    }
    await rm(path, { force: true })
  }
  throw new StorageError('STORAGE_LOCKED', `${directory} is in use by another process`)
}

async function create(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(JSON.stringify(holder))
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch (error) {
    // Gone meanwhile, or its writer died while writing it.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  // Numbers of processes come round again; their times of birth do not.
  return (await startOf(pid)) === started
}

/** When a process began, in the kernel's ticks; empty where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
