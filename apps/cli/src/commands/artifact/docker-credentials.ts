import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { credentialsFor, type OciCredentials, type OciRepositoryName, parseDockerConfig } from '@sluice/oci'
import type { CommandContext } from '../../command-context.ts'

/** The name that Docker keeps its own registry under. */
const dockerHub = { host: 'index.docker.io', key: 'https://index.docker.io/v1/' } as const
/** The user name by which helpers say that the password is a refresh token. */
const tokenUser = '<token>'
const maxOutputBytes = 1024 * 1024

/**
 * What the person's Docker configuration has for a registry: by itself, or through the helper that it names.
 *
 * Source: https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
export async function dockerCredentials(
  name: OciRepositoryName,
  { environment, signal }: Pick<CommandContext, 'environment' | 'signal'>,
): Promise<OciCredentials | undefined> {
  const directory = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? '', '.docker')
  const text = await readIfThere(join(directory, 'config.json'))
  if (text === undefined) return undefined
  const config = parseDockerConfig(text)
  const helper = helperFor(text, name.registry)
  const own = credentialsFor(config, name.registry, name.repository)
  return helper === undefined
    ? own
    : ((await askHelper(helper, name.registry, { environment, signal })) ?? own)
}

function helperFor(text: string, registry: string): string | undefined {
  const { credHelpers = {}, credsStore } = JSON.parse(text) as {
    readonly credHelpers?: Readonly<Record<string, string>>
    readonly credsStore?: string
  }
  const helper = credHelpers[registry] ?? credsStore
  // The name becomes a program's.
  return helper !== undefined && /^[\w.-]+$/.test(helper) ? helper : undefined
}

async function askHelper(
  helper: string,
  registry: string,
  { environment, signal }: Pick<CommandContext, 'environment' | 'signal'>,
): Promise<OciCredentials | undefined> {
  const asked = registry === dockerHub.host ? dockerHub.key : registry
  const answer = await run(`docker-credential-${helper}`, asked, { environment, signal })
  if (answer === undefined) return undefined
  const { Username: username, Secret: secret } = JSON.parse(answer) as {
    readonly Username?: string
    readonly Secret?: string
  }
  if (username === undefined || secret === undefined) return undefined
  return username === tokenUser
    ? { kind: 'identityToken', token: secret }
    : { kind: 'basic', username, password: secret }
}

/** What a helper prints; nothing when it has nothing, or is not there. */
function run(
  program: string,
  input: string,
  { environment, signal }: Pick<CommandContext, 'environment' | 'signal'>,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], {
      env: { ...environment },
      signal,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.length > maxOutputBytes) child.kill()
    })
    child.on('error', () => resolve(undefined))
    child.on('close', (code) => resolve(code === 0 ? output : undefined))
    // A helper that does not read its input ends all the same.
    child.stdin.on('error', () => resolve(undefined))
    child.stdin.end(`${input}\n`)
  })
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
