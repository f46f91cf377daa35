import type { Clock, HttpProxy } from '@sluice/ports'
import { type Connection, type CredentialSource, fixedCredentials } from '../https/connection.ts'
import type { ImpersonatedUser } from '../transport.ts'
import { execCredentials } from './exec-credentials.ts'
import {
  type KubeConfig,
  type KubeConfigCluster,
  KubeConfigError,
  type KubeConfigUser,
} from './kube-config.ts'
import type { Surroundings } from './surroundings.ts'
import { tokenFileCredentials } from './token-file.ts'

export type ConnectOptions = {
  readonly clock: Clock
  readonly surroundings: Surroundings
  /** The context to use; the current one when absent. */
  readonly context?: string
  /**
   * Whether the configuration comes from the person at the keyboard. One from a Secret is not trusted: it may not run
   * commands, read files of this machine, or skip the verification of certificates.
   */
  readonly trusted: boolean | { readonly exec: boolean; readonly insecureTls: boolean }
}

type Trust = { readonly exec: boolean; readonly insecureTls: boolean; readonly files: boolean }

/** How to reach the cluster of a context. @throws {KubeConfigError} */
export async function connectionFor(config: KubeConfig, options: ConnectOptions): Promise<Connection> {
  const { context: name = config.currentContext } = options
  const context = config.contexts.get(name)
  if (!context) {
    throw noContext(name === '' ? 'kubeconfig has no current context' : `context "${name}" does not exist`)
  }
  const cluster = config.clusters.get(context.cluster)
  if (!cluster) throw noContext(`cluster "${context.cluster}" does not exist`)
  const user = config.users.get(context.user) ?? {}
  const trust = trustOf(options.trusted)
  if (cluster['insecure-skip-tls-verify'] && !trust.insecureTls) {
    throw forbidden('insecure TLS is not allowed in this kubeconfig')
  }

  const ca = await pemOf(
    cluster['certificate-authority-data'],
    cluster['certificate-authority'],
    trust,
    options,
  )
  const impersonate = impersonationOf(user)
  const proxy = proxyOf(cluster['proxy-url'])
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace ?? 'default',
    credentials: await credentialsOf(user, { cluster, trust, options }),
    ...(ca !== undefined && { ca }),
    ...(cluster['tls-server-name'] !== undefined && { serverName: cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] && { insecureSkipVerify: true }),
    ...(proxy && { proxy }),
    ...(impersonate && { impersonate }),
  }
}

async function credentialsOf(
  user: KubeConfigUser,
  {
    cluster,
    trust,
    options,
  }: { readonly cluster: KubeConfigCluster; readonly trust: Trust; readonly options: ConnectOptions },
): Promise<CredentialSource> {
  if (user['auth-provider'] !== undefined) throw forbidden('auth-provider is no longer supported; use exec')
  const { exec, token, tokenFile, username, password = '' } = user
  if (exec) {
    if (!trust.exec) throw forbidden('exec is not allowed in this kubeconfig')
    const { server, 'certificate-authority-data': caData } = cluster
    const clusterInfo = { server, ...(caData !== undefined && { 'certificate-authority-data': caData }) }
    return execCredentials(exec, { ...options, clusterInfo })
  }
  const certificate = await pemOf(user['client-certificate-data'], user['client-certificate'], trust, options)
  const key = await pemOf(user['client-key-data'], user['client-key'], trust, options)
  if (token === undefined && tokenFile !== undefined) {
    if (!trust.files) throw forbidden('files are not allowed in this kubeconfig')
    return tokenFileCredentials(tokenFile, options)
  }
  const authorization = authorizationOf(token, username, password)
  return fixedCredentials({
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
    ...(authorization !== undefined && { authorization }),
  })
}

function authorizationOf(
  token: string | undefined,
  username: string | undefined,
  password: string,
): string | undefined {
  if (token !== undefined) return `Bearer ${token}`
  if (username === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/** Data win over the file, as in client-go. */
async function pemOf(
  data: string | undefined,
  path: string | undefined,
  trust: Trust,
  { surroundings }: ConnectOptions,
): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8')
  if (path === undefined || path === '') return undefined
  if (!trust.files) throw forbidden('files are not allowed in this kubeconfig')
  try {
    return new TextDecoder().decode(await surroundings.readFile(path))
  } catch (cause) {
    throw new KubeConfigError('KUBECONFIG_UNREADABLE', `cannot read ${path}`, { cause })
  }
}

function proxyOf(url: string | undefined): HttpProxy | undefined {
  if (url === undefined || url === '') return undefined
  if (!URL.canParse(url)) throw new KubeConfigError('KUBECONFIG_INVALID', 'cannot read kubeconfig: proxy-url')
  const parsed = new URL(url)
  const { username, password } = parsed
  parsed.username = ''
  parsed.password = ''
  return {
    url: parsed.href.replace(/\/$/, ''),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  }
}

function impersonationOf(user: KubeConfigUser): ImpersonatedUser | undefined {
  const { as: userName, 'as-groups': groups, 'as-uid': uid } = user
  if (userName === undefined) return undefined
  return { userName, ...(groups && { groups }), ...(uid !== undefined && { uid }) }
}

function trustOf(trusted: ConnectOptions['trusted']): Trust {
  if (typeof trusted === 'boolean') return { exec: trusted, insecureTls: trusted, files: trusted }
  return { ...trusted, files: false }
}

function noContext(message: string): KubeConfigError {
  return new KubeConfigError('KUBECONFIG_NO_CONTEXT', message)
}

function forbidden(message: string): KubeConfigError {
  return new KubeConfigError('KUBECONFIG_FORBIDDEN', message)
}
