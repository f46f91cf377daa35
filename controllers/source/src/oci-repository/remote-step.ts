import { findRegistryCredentials, proxyFromSecret, readSecret, tlsFromSecret } from '@sluice/access'
import { type OciReference, ociRepository, parseOciReference } from '@sluice/oci'
import { type HttpProxy, type HttpTls, ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, sourceReasons } from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import type { OciStep, OciWork } from './oci-work.ts'

const condition = conditionTypes.fetchFailed
const reason = sourceReasons.authenticationFailed

/** Puts together how the registry is reached. */
export const configureRegistry: OciStep = async (work) => {
  const { run, deps } = work
  const { spec } = run.object
  const name = parseUrl(spec.url)
  if (name instanceof ToolkitError) {
    const message = `URL validation failed for '${spec.url}': ${name.message}`
    run.conditions.markTrue(condition, sourceReasons.urlInvalid, message)
    return { kind: 'stalled', reason: sourceReasons.urlInvalid, message }
  }
  const credentials = await explain('failed to get credential', () =>
    findRegistryCredentials(deps.cluster, name, {
      ...spec,
      namespace: run.key.namespace,
      signal: run.signal,
    }),
  )
  const isCloud = spec.provider !== undefined && spec.provider !== 'generic'
  if (isCloud && !credentials) {
    throw new ReconcileFailure(reason, `failed to get credential from ${spec.provider}: not available`, {
      condition,
    })
  }
  const proxy = await explain('failed to get proxy address', () => readProxy(work))
  const tls = await explain(`failed to generate transport for '${spec.url}'`, () => readTls(work))
  work.client = ociRepository(
    {
      ...name,
      insecure: spec.insecure ?? false,
      ...(credentials ? { credentials } : {}),
      ...(proxy ? { proxy } : {}),
      ...(tls ? { tls } : {}),
    },
    { http: deps.http, signal: run.signal, timeoutMs: durationMs(spec.timeout, 60_000) },
  )
  return undefined
}

function parseUrl(url: string): OciReference | ToolkitError {
  if (!url.startsWith('oci://')) return invalid("URL must be in format 'oci://<domain>/<org>/<repo>'")
  try {
    const reference = parseOciReference(url)
    if (reference.tag === undefined) return reference
    return invalid(`URL must not contain a tag; remove ':${reference.tag}'`)
  } catch (error) {
    if (error instanceof ToolkitError) return error
    throw error
  }
}

function invalid(why: string): ToolkitError {
  return new ToolkitError('URL_INVALID', why)
}

async function readProxy({ run, deps }: OciWork): Promise<HttpProxy | undefined> {
  const { proxySecretRef } = run.object.spec
  if (!proxySecretRef) return undefined
  const key = { namespace: run.key.namespace, name: proxySecretRef.name }
  return proxyFromSecret(await readSecret(deps.cluster, key, run))
}

async function readTls({ run, deps }: OciWork): Promise<HttpTls | undefined> {
  const { certSecretRef, insecure } = run.object.spec
  if (!certSecretRef) return insecure ? { insecureSkipVerify: true } : undefined
  const key = { namespace: run.key.namespace, name: certSecretRef.name }
  return tlsFromSecret(await readSecret(deps.cluster, key, run))
}

async function explain<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new ReconcileFailure(reason, message, { condition, cause })
  }
}
