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
import { createTlsIdentity, type TlsIdentity } from '@sluice/apiserver'
import { systemClock } from '@sluice/host'
import { CliError } from '../cli-error.ts'

/** Ports that were chosen; kept so that addresses survive a restart. */
export type Ports = {
  readonly api: number
  readonly git: number
  readonly artifacts: number
  /** Absent in directories of before there was a registry. */
  readonly registry?: number
}

/** What `sluice up` keeps in `.sluice`. */
export type StateDirectory = {
  readonly path: string
  /** Whether everything goes when the process ends (`--in-memory`). */
  readonly temporary: boolean
  /** `join(path, …names)`. */
  readonly file: (...names: readonly string[]) => string
  readonly ports: () => Ports | undefined
  readonly savePorts: (ports: Ports) => void
  /** The password of this machine's Git server and registry; made on first use. */
  readonly gitPassword: () => string
  /** CA, server certificate and administrator's token; made on first use. */
  readonly credentials: () => { readonly identity: TlsIdentity; readonly adminToken: string }
  /** @throws {CliError} when the directory already serves another workspace. */
  readonly claim: (origin: string) => void
  /** Content of a file of the directory, `undefined` when it is absent. */
  readonly read: (name: string) => string | undefined
  /** Writes a file that only its owner may read. */
  readonly write: (name: string, text: string) => void
  /** Removes a temporary directory; a kept one stays. */
  readonly dispose: () => void
}

const formatVersion = '1'

/** Where the process keeps its log, in the state directory. */
export const processLogPath = ['log', 'sluice.log'] as const

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
  const read = (name: string): string | undefined =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8') : undefined
  const write = (name: string, text: string): void => writeAtomically(file(name), text)
  const once = (name: string, make: () => string): string => {
    const known = read(name)
    if (known !== undefined) return known
    const made = make()
    write(name, made)
    return made
  }
  return {
    path,
    temporary,
    file,
    read,
    write,
    ports: () => (existsSync(file('ports.json')) ? readPorts(file('ports.json')) : undefined),
    savePorts: (ports) => write('ports.json', `${JSON.stringify(ports)}\n`),
    gitPassword: () => once('git-password', () => randomBytes(12).toString('hex')),
    credentials: () => readCredentials(once('credentials.json', newCredentials), file('credentials.json')),
    claim: (origin) => {
      const known = once('workspace', () => origin)
      if (known === origin) return
      throw new CliError(`${path} belongs to ${known}, not to ${origin}`, {
        nextStep: 'run this in another directory, or begin anew with --reset',
      })
    },
    dispose: () => {
      if (temporary) rmSync(path, { recursive: true, force: true })
    },
  }
}

function newCredentials(): string {
  const identity = createTlsIdentity(['127.0.0.1', '::1', 'localhost'], { now: systemClock.now() })
  return JSON.stringify({ identity, adminToken: randomBytes(24).toString('base64url') })
}

function readCredentials(text: string, file: string): ReturnType<StateDirectory['credentials']> {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CliError(`${file} is damaged`, {
      nextStep: 'delete this file to have a new certificate and kubeconfig made; nothing else is lost',
      cause,
    })
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
  const { api, git, artifacts, registry } = value
  if (!isPort(api) || !isPort(git) || !isPort(artifacts)) throw damaged()
  if (registry === undefined) return { api, git, artifacts }
  if (!isPort(registry)) throw damaged()
  return { api, git, artifacts, registry }
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536
}

function writeAtomically(file: string, text: string): void {
  writeFileSync(`${file}.partial`, text, { mode: 0o600 })
  renameSync(`${file}.partial`, file)
}
