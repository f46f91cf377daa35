import {
  FeatureGateError,
  findRegistryCredentials,
  proxyFromSecret,
  readNamedSecret,
  SecretError,
  tlsFromSecret,
} from '@sluice/access'
import { type OciCredentials, type OciRepositoryName, ociRepository } from '@sluice/oci'
import { type HttpProxy, type HttpTls, ToolkitError } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, reasons, sourceReasons } from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import type { OciStep, OciWork } from './oci-work.ts'
import { repositoryOfUrl } from './repository-url.ts'

const condition = conditionTypes.fetchFailed
const reason = sourceReasons.authenticationFailed

/**
 * Puts together how the registry is reached. What is wrong with credentials is said before what is wrong with the address,
 * as Flux finds it.
 */
export const configureRegistry: OciStep = async (work) => {
  const { run, deps } = work
  const { spec } = run.object
  const name = repositoryOfUrl(spec.url)
  const place = name instanceof ToolkitError ? { registry: '', repository: '' } : name
  const credentials = await explain('failed to get credential', () => readCredentials(work, place))
  const proxy = await explain('failed to get proxy address', () => readProxy(work))
  const granted = credentials ?? (await logIn(work, place.registry, proxy))
  if (granted && 'reason' in granted) return granted
  const tls = await explain(`failed to generate transport for '${spec.url}'`, () => readTls(work))
  if (name instanceof ToolkitError) {
    const message = `URL validation failed for '${spec.url}': ${name.message}`
    run.conditions.markTrue(condition, sourceReasons.urlInvalid, message)
    return { kind: 'stalled', reason: sourceReasons.urlInvalid, message }
  }
  work.client = ociRepository(
    {
      ...name,
      insecure: spec.insecure ?? false,
      ...(granted ? { credentials: granted } : {}),
      ...(proxy ? { proxy } : {}),
      ...(tls ? { tls } : {}),
    },
    { http: deps.http, signal: run.signal, timeoutMs: durationMs(spec.timeout, 60_000) },
  )
  return undefined
}

async function readCredentials(
  { run, deps }: OciWork,
  name: OciRepositoryName,
): Promise<OciCredentials | undefined> {
  const { spec } = run.object
  const { namespace } = run.key
  try {
    return await findRegistryCredentials(deps.cluster, name, { ...spec, namespace, signal: run.signal })
  } catch (error) {
    const own = spec.secretRef?.name
    if (
      own !== undefined &&
      error instanceof SecretError &&
      error.message.endsWith(` '${namespace}/${own}'`)
    ) {
      run.event({ type: 'Trace', reason, message: `auth secret '${own}' not found` })
    }
    throw error
  }
}

/** What a cloud's registry takes, or that it cannot be had as things are. */
async function logIn(
  { run, deps }: OciWork,
  host: string,
  proxy: HttpProxy | undefined,
): Promise<OciCredentials | Extract<Outcome, { readonly kind: 'stalled' }> | undefined> {
  const { provider = 'generic', serviceAccountName } = run.object.spec
  if (provider === 'generic') return undefined
  const message = `failed to get credential from ${provider}`
  const { cloud } = deps
  if (!cloud) throw new ReconcileFailure(reason, `${message}: not available`, { condition })
  const { namespace } = run.key
  const owner = { kind: run.object.kind, ...run.key }
  const { signal } = run
  try {
    return await cloud.registry(provider, host, { namespace, serviceAccountName, proxy, owner, signal })
  } catch (cause) {
    if (!(cause instanceof FeatureGateError)) {
      throw new ReconcileFailure(reason, message, { condition, cause })
    }
    // Flux sets no other condition here.
    return { kind: 'stalled', reason: reasons.featureGateDisabled, message: cause.message }
  }
}

async function readProxy({ run, deps }: OciWork): Promise<HttpProxy | undefined> {
  const { proxySecretRef } = run.object.spec
  if (!proxySecretRef) return undefined
  const key = { namespace: run.key.namespace, name: proxySecretRef.name }
  return proxyFromSecret(await readNamedSecret(deps.cluster, key, run))
}

async function readTls({ run, deps }: OciWork): Promise<HttpTls | undefined> {
  const { certSecretRef, insecure } = run.object.spec
  if (!certSecretRef) return insecure ? { insecureSkipVerify: true } : undefined
  const key = { namespace: run.key.namespace, name: certSecretRef.name }
  return tlsFromSecret(await readNamedSecret(deps.cluster, key, run), { trustsHostRoots: true })
}

async function explain<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new ReconcileFailure(reason, message, { condition, cause })
  }
}
