import type { Clock } from '@sluice/ports'
import { isRecord } from '../client/answers.ts'
import type { CredentialSource, Credentials } from '../https/connection.ts'
import { type ExecConfig, KubeConfigError } from './kube-config.ts'
import type { Surroundings } from './surroundings.ts'

type Held = { readonly credentials: Credentials; readonly expiresAt: number }

/** Credentials are asked for anew this long before they end. */
const marginMs = 10_000

/**
 * Credentials that a command prints, kept until they expire or are refused.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export function execCredentials(
  exec: ExecConfig,
  {
    clock,
    surroundings,
    clusterInfo,
  }: {
    readonly clock: Clock
    readonly surroundings: Surroundings
    /** Told to the command where it asks for it. */
    readonly clusterInfo: Readonly<Record<string, unknown>>
  },
): CredentialSource {
  let held: Held | undefined
  let asking: Promise<Held> | undefined

  return {
    get: async ({ signal }) => {
      if (held && clock.now() < held.expiresAt - marginMs) return held.credentials
      asking ??= ask(signal).finally(() => {
        asking = undefined
      })
      held = await asking
      return held.credentials
    },
    refused: () => {
      held = undefined
    },
  }

  async function ask(signal: AbortSignal): Promise<Held> {
    const { apiVersion = 'client.authentication.k8s.io/v1', command, args = [], env = [] } = exec
    const info = {
      apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, ...(exec.provideClusterInfo && { cluster: clusterInfo }) },
    }
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]))
    const options = { env: { ...variables, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, signal }
    let output: string
    try {
      output = await surroundings.run(command, args, options)
    } catch {
      if (signal.aborted) throw signal.reason
      const hint = exec.installHint === undefined ? '' : ` (${exec.installHint})`
      // Without the cause: its message holds what the command printed, which may be a credential.
      throw new KubeConfigError('KUBECONFIG_EXEC_FAILED', `exec: command ${command} failed${hint}`)
    }
    return decode(output, command)
  }
}

function decode(output: string, command: string): Held {
  let status: unknown
  try {
    const answer: unknown = JSON.parse(output)
    status = isRecord(answer) ? answer['status'] : undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  if (!isRecord(status)) {
    throw new KubeConfigError('KUBECONFIG_EXEC_FAILED', `exec: command ${command} printed no credentials`)
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status
  const expiresAt = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : Number.NaN
  return {
    credentials: {
      ...(typeof token === 'string' && { authorization: `Bearer ${token}` }),
      ...(typeof clientCertificateData === 'string' && { certificate: clientCertificateData }),
      ...(typeof clientKeyData === 'string' && { key: clientKeyData }),
    },
    expiresAt: Number.isNaN(expiresAt) ? Number.POSITIVE_INFINITY : expiresAt,
  }
}
