import { ToolkitError } from '@sluice/ports'
import { parseYaml, YamlError } from '@sluice/yaml'
import { isRecord } from '../client/answers.ts'

/** A cluster of a kubeconfig; names as in the file. */
export type KubeConfigCluster = {
  readonly server: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
}

/** A command that prints credentials. */
export type ExecConfig = {
  readonly apiVersion?: string
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly provideClusterInfo?: boolean
  readonly installHint?: string
}

/** A user of a kubeconfig; names as in the file. */
export type KubeConfigUser = {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
  readonly as?: string
  readonly 'as-uid'?: string
  readonly 'as-groups'?: readonly string[]
  readonly exec?: ExecConfig
  readonly 'auth-provider'?: unknown
}

export type KubeConfigContext = {
  readonly cluster: string
  readonly user: string
  readonly namespace?: string
}

/** A kubeconfig, or several merged into one. */
export type KubeConfig = {
  readonly currentContext: string
  readonly clusters: ReadonlyMap<string, KubeConfigCluster>
  readonly users: ReadonlyMap<string, KubeConfigUser>
  readonly contexts: ReadonlyMap<string, KubeConfigContext>
}

export type KubeConfigErrorCode =
  | 'KUBECONFIG_INVALID'
  | 'KUBECONFIG_UNREADABLE'
  | 'KUBECONFIG_NO_CONTEXT'
  | 'KUBECONFIG_FORBIDDEN'
  | 'KUBECONFIG_EXEC_FAILED'

/** A kubeconfig cannot be read or used. Messages hold names and paths, never credentials. */
export class KubeConfigError extends ToolkitError {
  override readonly name = 'KubeConfigError'

  constructor(code: KubeConfigErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** Longest text of a kubeconfig. */
const maxLength = 4 * 1_024 * 1_024

/**
 * Reads the text of a kubeconfig. Paths in it stay as they are.
 *
 * Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 * @throws {KubeConfigError} `KUBECONFIG_INVALID`
 */
export function parseKubeConfig(text: string): KubeConfig {
  if (text.length > maxLength) throw invalid('it is too long')
  const document = parse(text)
  if (!isRecord(document)) throw new KubeConfigError('KUBECONFIG_INVALID', notAnObject(document))
  return {
    currentContext: typeof document['current-context'] === 'string' ? document['current-context'] : '',
    clusters: named(document['clusters'], 'cluster', (it) => typeof it['server'] === 'string'),
    users: named(document['users'], 'user', isUser),
    contexts: named(document['contexts'], 'context', (it) => typeof it['cluster'] === 'string'),
  }
}

/** Merges configurations; what an earlier one says stands. */
export function mergeKubeConfigs(configs: readonly KubeConfig[]): KubeConfig {
  const first = <T>(pick: (config: KubeConfig) => ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(configs.toReversed().flatMap((config) => [...pick(config)]))
  return {
    currentContext: configs.find((it) => it.currentContext !== '')?.currentContext ?? '',
    clusters: first((it) => it.clusters),
    users: first((it) => it.users),
    contexts: first((it) => it.contexts),
  }
}

function parse(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (cause) {
    // The parser's message may quote a line, and with it a credential.
    if (cause instanceof YamlError) throw invalid('it is not YAML')
    throw cause
  }
}

/** The named entries of a list; those of another shape are refused. */
function named<T>(
  list: unknown,
  field: string,
  fits: (entry: Readonly<Record<string, unknown>>) => boolean,
): ReadonlyMap<string, T> {
  if (list === undefined || list === null) return new Map()
  if (!Array.isArray(list)) throw invalid(`its ${field}s are not a list`)
  return new Map(
    list.map((entry) => {
      const { name, [field]: value } = isRecord(entry) ? entry : {}
      if (typeof name !== 'string' || !isRecord(value) || !fits(value)) {
        throw invalid(`a ${field} of it is not well formed`)
      }
      return [name, value as T] as const
    }),
  )
}

const textFields = [
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
  'tokenFile',
  'username',
  'password',
  'as',
  'as-uid',
]

function isUser(user: Readonly<Record<string, unknown>>): boolean {
  const isText = textFields.every((field) => user[field] === undefined || typeof user[field] === 'string')
  const { exec } = user
  return isText && (exec === undefined || (isRecord(exec) && typeof exec['command'] === 'string'))
}

/** Users of remote clusters read this in conditions, so it is what clients in Go say. */
function notAnObject(document: unknown): string {
  const kind = Array.isArray(document) ? 'array' : typeof document === 'boolean' ? 'bool' : typeof document
  const struct =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
  return `couldn't get version/kind; json parse error: json: cannot unmarshal ${kind} into Go value of type ${struct}`
}

function invalid(why: string): KubeConfigError {
  return new KubeConfigError('KUBECONFIG_INVALID', `cannot read kubeconfig: ${why}`)
}
