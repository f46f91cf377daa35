import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { KubeObject } from '@sluice/ports'
import { CliError } from '../../cli-error.ts'

type Place = {
  readonly namespace: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Credentials from flags; texts of certificates and keys are PEM. */
export type Credentials = Place & {
  readonly username?: string
  readonly password?: string
  readonly bearerToken?: string
  readonly caCertificate?: string
  readonly certificate?: string
  readonly key?: string
}

/** A Secret for Git over HTTP; none when there is nothing to put into it. */
export function gitSecret(
  name: string,
  { username, password, bearerToken, caCertificate, ...place }: Credentials,
): KubeObject | undefined {
  const data = {
    ...(username && password && { username, password }),
    ...(bearerToken && { bearerToken }),
    ...(caCertificate && { 'ca.crt': caCertificate }),
  }
  return Object.keys(data).length === 0 ? undefined : secret(name, place, { data })
}

/** A Secret for a Helm repository: a client's certificate wins over a password. */
export function helmSecret(name: string, credentials: Credentials): KubeObject {
  const { username, password, caCertificate, certificate, key, ...place } = credentials
  if (certificate || key) return tlsSecret(name, credentials)
  if (username || password) {
    const data = {
      username: username ?? '',
      password: password ?? '',
      ...(caCertificate && { 'ca.crt': caCertificate }),
    }
    return secret(name, place, { type: 'kubernetes.io/basic-auth', data })
  }
  return caCertificate ? tlsSecret(name, credentials) : secret(name, place, { data: {} })
}

/** A Secret with a certificate, its key, or an authority. @throws {CliError} when it would be empty or half. */
export function tlsSecret(
  name: string,
  { namespace, labels, caCertificate, certificate, key }: Credentials,
): KubeObject {
  if (Boolean(certificate) !== Boolean(key)) {
    throw new CliError('both the certificate and its key are required')
  }
  if (!certificate && !caCertificate) {
    throw new CliError('a certificate or a certificate authority is required')
  }
  return secret(
    name,
    { namespace, ...(labels && { labels }) },
    {
      type: certificate ? 'kubernetes.io/tls' : 'Opaque',
      data: {
        ...(caCertificate && { 'ca.crt': caCertificate }),
        ...(certificate && key && { 'tls.crt': certificate, 'tls.key': key }),
      },
    },
  )
}

/** A Secret for Git over SSH. */
export function sshSecret(
  name: string,
  {
    identity,
    publicKey,
    knownHosts,
    passphrase,
    ...place
  }: Place & {
    readonly identity: string
    readonly publicKey: string
    readonly knownHosts: string
    readonly passphrase?: string
  },
): KubeObject {
  return secret(name, place, {
    data: {
      identity,
      'identity.pub': publicKey,
      known_hosts: knownHosts,
      ...(passphrase && { password: passphrase }),
    },
  })
}

/** What a GitHub App signs in with: its number, one of its installations, and its private key in PEM. */
export function githubAppSecret(
  name: string,
  {
    id,
    installationOwner,
    installationId,
    privateKey,
    baseUrl,
    ...place
  }: Place & {
    readonly id: string
    readonly installationOwner?: string
    readonly installationId?: string
    readonly privateKey: string
    /** Of a GitHub Enterprise server. */
    readonly baseUrl?: string
  },
): KubeObject {
  return secret(name, place, {
    type: 'Opaque',
    data: {
      githubAppID: id,
      ...(installationOwner && { githubAppInstallationOwner: installationOwner }),
      ...(installationId && { githubAppInstallationID: installationId }),
      githubAppPrivateKey: privateKey,
      ...(baseUrl && { githubAppBaseURL: baseUrl }),
    },
  })
}

/** An image pull secret. */
export function registrySecret(
  name: string,
  {
    registry,
    username,
    password,
    ...place
  }: Place & { readonly registry: string; readonly username: string; readonly password: string },
): KubeObject {
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const config = { auths: { [registry]: { username, password, auth } } }
  return secret(name, place, {
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': JSON.stringify(config, undefined, 2) },
  })
}

/** The address and credentials of a proxy. */
export function proxySecret(
  name: string,
  {
    address,
    username,
    password,
    ...place
  }: Place & { readonly address: string; readonly username?: string; readonly password?: string },
): KubeObject {
  return secret(name, place, {
    type: 'Opaque',
    data: { address, ...(username && { username }), ...(password && { password }) },
  })
}

/** What calls a webhook and what it has to say, by kinds that need more than a token. */
export type ReceiverCredentials = Place & {
  readonly type: string
  /** In hexadecimal digits where nobody chose one. */
  readonly token: string
  /** Of the address of webhooks. */
  readonly hostname: string
  readonly emailClaim?: string | undefined
  readonly audienceClaim?: string | undefined
}

/** A Secret for a Receiver of the same name, with the address of its webhook. */
export function receiverSecret(
  name: string,
  { type, token, hostname, emailClaim, audienceClaim, ...place }: ReceiverCredentials,
): KubeObject {
  const path = createHash('sha256').update(`${token}${name}${place.namespace}`).digest('hex')
  const address = `https://${hostname}/hook/${path}`
  const claims = type === 'gcr' ? { email: emailClaim ?? '', audience: audienceClaim || address } : {}
  const made = secret(name, place, { data: { token, ...claims } })
  const annotations = { 'notification.toolkit.fluxcd.io/webhook': address }
  return { ...made, metadata: { ...made.metadata, annotations } }
}

/** A Secret of plain texts. */
export function secret(
  name: string,
  { namespace, labels }: Place,
  { type, data }: { readonly type?: string; readonly data: Readonly<Record<string, string>> },
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      ...(labels && Object.keys(labels).length > 0 && { labels }),
    },
    ...(Object.keys(data).length > 0 && { stringData: data }),
    ...(type !== undefined && { type }),
  }
}

/** A Secret with what signatures are verified by. */
export function verificationSecret(
  name: string,
  { data, ...place }: Place & { readonly data: Readonly<Record<string, string>> },
): KubeObject {
  return secret(name, place, { data })
}

/** @throws {CliError} beginning with `problem`. */
export function fileText(path: string, problem: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CliError(`${problem}: ${(cause as Error).message}`, { cause })
  }
}
