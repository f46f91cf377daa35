import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  downloadChart,
  downloadOciChart,
  fetchChartIndex,
  findOciChartVersion,
  type HelmFetchOptions,
  type HttpChartRepository,
  parseChartIndex,
  selectChartVersion,
} from '@sluice/helmrepo'
import { gunzip } from '@sluice/host'
import { type OciCredentials, type OciReference, ociRepository, parseOciReference } from '@sluice/oci'
import type { HttpTls } from '@sluice/ports'
import { parseYaml } from '@sluice/yaml'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal } from '../command-context.ts'
import { reachOutside } from '../outside.ts'
import { dockerCredentials } from './artifact/docker-credentials.ts'
import type { ChartFlags } from './template-flags.ts'

const maxIndexBytes = 128 * 1024 * 1024
const maxChartBytes = 100 * 1024 * 1024
const requestTimeoutMs = 60_000

type Options = { readonly flags: ChartFlags; readonly context: CommandContext }
type Reached = Options & { readonly fetch: HelmFetchOptions; readonly range: string }

/**
 * The archive of a chart that is elsewhere.
 *
 * @param name in `--repo`, or `oci://…`, `https://….tgz`, `REPOSITORY/NAME`
 * @throws {CliError} and the errors of repositories and registries
 */
export async function fetchRemoteChart(name: string, options: Options): Promise<Uint8Array> {
  return reaching(options, (reached) => {
    const { repo } = options.flags
    if (repo !== undefined) return fromRepository(name, { ...credentialsOf(options), url: repo }, reached)
    if (name.startsWith('oci://')) return fromRegistry(name, reached)
    if (/^https?:\/\//.test(name)) return fromUrl(name, reached)
    const slash = name.indexOf('/')
    return fromRepository(name.slice(slash + 1), knownRepository(name.slice(0, slash), options), reached)
  })
}

/** What a URL gives, such as a file of values. */
export function fetchUrl(url: string, options: Options): Promise<Uint8Array> {
  return reaching(options, (reached) => fromUrl(url, reached))
}

async function reaching<T>(options: Options, work: (reached: Reached) => Promise<T>): Promise<T> {
  const { flags, context } = options
  await using outside = reachOutside(context, {})
  const signal = commandSignal(context, { timeoutMs: flags.timeout })
  const fetch: HelmFetchOptions = {
    http: outside.http,
    signal,
    timeoutMs: Math.min(flags.timeout, requestTimeoutMs),
    maxBytes: maxIndexBytes,
    gunzip,
  }
  const range = flags.version ?? (flags.devel ? '>0.0.0-0' : '')
  // What is reached must not be left before the work is done.
  return await work({ ...options, fetch, range })
}

async function fromRepository(
  chart: string,
  repository: HttpChartRepository,
  { fetch, range }: Reached,
): Promise<Uint8Array> {
  const { entries } = parseChartIndex(await fetchChartIndex(repository, fetch))
  const version = selectChartVersion(entries.get(chart), chart, range)
  return downloadChart(version, repository, { ...fetch, maxBytes: maxChartBytes })
}

function fromUrl(url: string, reached: Reached): Promise<Uint8Array> {
  const chart = { name: url, version: '', urls: [url], digest: undefined, created: '' }
  const repository = { ...credentialsOf(reached), url }
  return downloadChart(chart, repository, { ...reached.fetch, maxBytes: maxChartBytes })
}

async function fromRegistry(url: string, { flags, context, fetch, range }: Reached): Promise<Uint8Array> {
  const reference = parseOciReference(url)
  const { registry, repository, tag, digest } = reference
  const tls = tlsOf({ flags, context })
  const credentials = await registryCredentials(reference, { flags, context })
  const client = ociRepository(
    {
      registry,
      repository,
      insecure: flags.plainHttp ?? false,
      ...(tls ? { tls } : {}),
      ...(credentials ? { credentials } : {}),
    },
    { http: fetch.http, signal: fetch.signal, timeoutMs: fetch.timeoutMs },
  )
  const name = repository.slice(repository.lastIndexOf('/') + 1)
  const chart = { client, name, url: `oci://${registry}/${repository}` }
  const version = await findOciChartVersion(chart, range === '' ? (tag ?? '') : range)
  return downloadOciChart(chart, version, { maxBytes: maxChartBytes, ...(digest ? { digest } : {}) })
}

async function registryCredentials(
  reference: OciReference,
  { flags: { username, password }, context }: Options,
): Promise<OciCredentials | undefined> {
  if (username !== undefined && password !== undefined) return { kind: 'basic', username, password }
  return dockerCredentials(reference, context)
}

/** A repository that `helm repo add` wrote down. */
function knownRepository(name: string, options: Options): HttpChartRepository {
  const text = repositoriesFile(options.flags, options.context)
  const entries = text === undefined ? [] : listIn(parseYaml(text), 'repositories')
  const entry = entries.find((it) => it['name'] === name)
  const url = entry && textIn(entry, 'url')
  if (!entry || url === undefined) throw new CliError(`repo ${name} not found`)
  const [username, password] = [textIn(entry, 'username'), textIn(entry, 'password')]
  const tls = tlsOf({
    context: options.context,
    flags: {
      ...fileFlags(entry),
      insecureSkipTlsVerify: entry['insecure_skip_tls_verify'] === true,
      timeout: options.flags.timeout,
    },
  })
  return {
    url,
    passCredentials: entry['pass_credentials_all'] === true,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
  }
}

/** Helm's file of known repositories. */
function repositoriesFile(
  { repositoryConfig }: ChartFlags,
  { environment, workingDirectory }: CommandContext,
): string | undefined {
  const configHome =
    environment['HELM_CONFIG_HOME'] ??
    join(environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? '', '.config'), 'helm')
  const path =
    repositoryConfig ?? environment['HELM_REPOSITORY_CONFIG'] ?? join(configHome, 'repositories.yaml')
  const file = resolve(workingDirectory, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function fileFlags(
  entry: Readonly<Record<string, unknown>>,
): Pick<ChartFlags, 'caFile' | 'certFile' | 'keyFile'> {
  const [caFile, certFile, keyFile] = ['caFile', 'certFile', 'keyFile'].map((key) => textIn(entry, key))
  return { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) }
}

function listIn(value: unknown, key: string): readonly Readonly<Record<string, unknown>>[] {
  const list = isRecord(value) ? value[key] : undefined
  return Array.isArray(list) ? list.filter(isRecord) : []
}

function textIn(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = record[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function credentialsOf({ flags, context }: Options): Omit<HttpChartRepository, 'url'> {
  const { username, password, passCredentials = false } = flags
  const tls = tlsOf({ flags, context })
  return {
    passCredentials,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
  }
}

function tlsOf({ flags, context }: Options): HttpTls | undefined {
  const read = (path: string): string => readFileSync(resolve(context.workingDirectory, path), 'utf8')
  const { caFile, certFile, keyFile, insecureSkipTlsVerify } = flags
  const tls: HttpTls = {
    ...(caFile !== undefined && { ca: read(caFile) }),
    ...(certFile !== undefined && { certificate: read(certFile) }),
    ...(keyFile !== undefined && { key: read(keyFile) }),
    ...(insecureSkipTlsVerify && { insecureSkipVerify: true }),
  }
  return Object.keys(tls).length === 0 ? undefined : tls
}
