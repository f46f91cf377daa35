import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'

/** Ports that were chosen; kept so that addresses survive a restart. */
export type Ports = { readonly api: number; readonly git: number; readonly artifacts: number }

/** What `sluice up` keeps in `.sluice`. */
export type StateDirectory = {
  readonly path: string
  /** Whether everything goes when the process ends (`--in-memory`). */
  readonly temporary: boolean
  /** `join(path, …names)`. */
  readonly file: (...names: readonly string[]) => string
  readonly ports: () => Ports | undefined
  readonly savePorts: (ports: Ports) => void
  /** The password of this machine's Git server; made on first use. */
  readonly gitPassword: () => string
  /** Removes a temporary directory; a kept one stays. */
  readonly dispose: () => void
}

const formatVersion = '1'

/**
 * Opens (and where needed creates) the state directory.
 *
 * @throws {CliError} when it cannot be written, is of a newer format, or is not a state directory at all.
 */
export function openStateDirectory(
  workingDirectory: string,
  { reset, inMemory }: { readonly reset: boolean; readonly inMemory: boolean },
): StateDirectory {
  if (inMemory) return stateDirectory(mkdtempSync(join(tmpdir(), 'sluice-')), true)
  const path = join(workingDirectory, '.sluice')
  const versionFile = join(path, 'version')
  try {
    if (existsSync(path)) {
      checkOurs(path, versionFile)
      if (reset) rmSync(path, { recursive: true })
    }
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.W_OK)
    writeFileSync(versionFile, `${formatVersion}\n`)
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    throw new CliError(`cannot write the state directory ${path}: ${(cause as Error).message}`, {
      nextStep: 'run it in a directory that you may write to, or keep nothing with --in-memory',
      cause,
    })
  }
  return stateDirectory(path, false)
}

function checkOurs(path: string, versionFile: string): void {
  if (!existsSync(versionFile)) {
    throw new CliError(`${path} exists and is not a state directory of Sluice`, {
      nextStep: 'move it away, or run this in another directory',
    })
  }
  const version = readFileSync(versionFile, 'utf8').trim()
  if (version !== formatVersion) {
    throw new CliError(`${path} was written by another version of Sluice (format ${version})`, {
      nextStep: 'use that version, or begin anew with --reset',
    })
  }
}

function stateDirectory(path: string, temporary: boolean): StateDirectory {
  const file = (...names: readonly string[]): string => join(path, ...names)
  return {
    path,
    temporary,
    file,
    ports: () => (existsSync(file('ports.json')) ? readPorts(file('ports.json')) : undefined),
    savePorts: (ports) => writeAtomically(file('ports.json'), `${JSON.stringify(ports)}\n`),
    gitPassword: () => {
      const passwordFile = file('git-password')
      if (!existsSync(passwordFile)) writeAtomically(passwordFile, randomBytes(12).toString('hex'))
      return readFileSync(passwordFile, 'utf8')
    },
    dispose: () => {
      if (temporary) rmSync(path, { recursive: true, force: true })
    },
  }
}

function readPorts(file: string): Ports {
  const damaged = (cause?: unknown): CliError =>
    new CliError(`${file} is damaged`, {
      nextStep: 'delete this file to have new ports chosen; nothing else is lost',
      cause,
    })
  let value: Partial<Record<keyof Ports, unknown>>
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw damaged(cause)
  }
  const { api, git, artifacts } = value
  if (!isPort(api) || !isPort(git) || !isPort(artifacts)) throw damaged()
  return { api, git, artifacts }
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536
}

function writeAtomically(file: string, text: string): void {
  writeFileSync(`${file}.partial`, text, { mode: 0o600 })
  renameSync(`${file}.partial`, file)
}
