import { readFile } from 'node:fs/promises'
import { createHttp } from '@sluice/host'
import {
  formatOciReference,
  type OciCredentials,
  OciError,
  type OciReference,
  type OciRepositoryClient,
  ociRepository,
  parseOciReference,
} from '@sluice/oci'
import { errorChain, type Http, ToolkitError } from '@sluice/ports'
import { CliError } from '../../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../../command-context.ts'
import { statusLines } from '../../output/terminal.ts'
import { dockerCredentials } from './docker-credentials.ts'
import type { RegistryFlags } from './registry-flags.ts'

/** A repository that a command works on. */
export type OpenRegistry = AsyncDisposable & {
  readonly client: OciRepositoryClient
  readonly reference: OciReference
  /** `ghcr.io/org/app`, without tag. */
  readonly repository: string
  /** As it was given, without scheme. */
  readonly url: string
}

export type OpenOptions = {
  readonly flags: RegistryFlags & Pick<ObjectFlags, 'timeoutMs'>
  readonly context: CommandContext
}

const requestTimeoutMs = 60_000

/** Logs in to where `oci://…` leads. @throws {CliError} */
export async function openRegistry(text: string, { flags, context }: OpenOptions): Promise<OpenRegistry> {
  const reference = parseUrl(text)
  const { registry, repository } = reference
  const signal = commandSignal(context, flags)
  const http = createHttp()
  try {
    const credentials = await logIn(reference, http, { flags, context: { ...context, signal } })
    const client = ociRepository(
      {
        registry,
        repository,
        insecure: flags.insecureRegistry ?? false,
        ...(credentials ? { credentials } : {}),
      },
      { http, signal, timeoutMs: Math.min(flags.timeoutMs, requestTimeoutMs) },
    )
    return {
      client,
      reference,
      repository: formatOciReference({ registry, repository }),
      url: text.replace(/^oci:\/\//, ''),
      [Symbol.asyncDispose]: () => http.close(),
    }
  } catch (error) {
    await http.close()
    throw error
  }
}

function parseUrl(text: string): OciReference {
  if (!text.startsWith('oci://')) {
    throw new CliError("URL must be in format 'oci://<domain>/<org>/<repo>'")
  }
  try {
    return parseOciReference(text)
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause
    throw new CliError(`'${text}' invalid URL: ${cause.message}`, { cause })
  }
}

async function logIn(
  reference: OciReference,
  http: Http,
  { flags, context }: OpenOptions,
): Promise<OciCredentials | undefined> {
  const { provider, creds } = flags
  const lines = statusLines(context.terminal)
  if (provider !== 'generic') {
    lines.action('logging in to registry with provider credentials')
    return providerCredentials(reference, http, { flags, context })
  }
  if (!creds) return dockerCredentials(reference, context)
  lines.action('logging in to registry with credentials')
  const colon = creds.indexOf(':')
  return colon < 0
    ? { kind: 'registryToken', token: creds }
    : { kind: 'basic', username: creds.slice(0, colon), password: creds.slice(colon + 1) }
}

async function providerCredentials(
  { registry }: OciReference,
  http: Http,
  { flags, context }: OpenOptions,
): Promise<OciCredentials | undefined> {
  const { provider } = flags
  if (provider === 'generic') return undefined
  const { controllerIdentity, createCloudLogins } = await import('@sluice/cloud')
  const { clock, environment: env, signal } = context
  const surroundings = { env, readFile: (path: string) => readFile(path) }
  const logins = createCloudLogins({ http, clock, surroundings })
  try {
    const { username, password } = await logins.registry(provider, registry, controllerIdentity, { signal })
    return { kind: 'basic', username, password }
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new CliError(`error during login with provider: ${errorChain(cause)}`, { cause })
  }
}
