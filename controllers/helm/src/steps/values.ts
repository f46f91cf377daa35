import { ApiError, type Resource } from '@sluice/cluster'
import { composeValues, ValuesReferenceError, type ValuesSource, valuesDigest } from '@sluice/delivery'
import { errorChain, type KubeObject } from '@sluice/ports'
import type { ValuesReference } from '@sluice/toolkit'
import { helmReasons } from '../reasons.ts'
import { type HelmStep, notReady, overcome, type Work } from '../work.ts'

const resources: Readonly<Record<ValuesReference['kind'], Resource>> = {
  Secret: { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  ConfigMap: { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
}

/** Composes the values of inline ones and of Secrets and ConfigMaps. */
export const readValues: HelmStep = async (work) => {
  const { run, object } = work
  const { values, valuesFrom: references = [] } = object.spec
  try {
    const sources = await readSources(work, references)
    work.values = composeValues(
      { namespace: object.metadata.namespace ?? '', values, references },
      (kind, name) => sources.get(`${kind}/${name}`) ?? { missing: 'not read' },
    )
  } catch (error) {
    run.signal.throwIfAborted()
    if (!(error instanceof ValuesReferenceError)) throw error
    const message = errorChain(error)
    run.event({ type: 'Warning', reason: helmReasons.valuesError, message })
    return notReady(work, helmReasons.valuesError, message, { kind: 'backoff', error })
  }
  overcome(work, helmReasons.valuesError)
  work.configDigest = valuesDigest(work.values)
  return undefined
}

/** Read ahead, each once, since composing is synchronous. */
async function readSources(
  work: Work,
  references: readonly ValuesReference[],
): Promise<ReadonlyMap<string, ValuesSource>> {
  const distinct = new Map(references.map((it) => [`${it.kind}/${it.name}`, it]))
  const entries = await Promise.all(
    [...distinct].map(async ([id, reference]) => [id, await readSource(work, reference)] as const),
  )
  return new Map(entries)
}

async function readSource({ run, object, deps }: Work, reference: ValuesReference): Promise<ValuesSource> {
  const { kind, name } = reference
  const namespace = object.metadata.namespace ?? ''
  const key = { namespace, name }
  try {
    const source = await deps.caches.cluster.get<WithData>(resources[kind], key, { signal: run.signal })
    return { data: kind === 'Secret' ? decoded(source.data) : contentOf(source) }
  } catch (error) {
    run.signal.throwIfAborted()
    if (!(error instanceof ApiError)) throw error
    // Composing says whether it matters.
    if (error.reason === 'NotFound') return { missing: error.message }
    throw new ValuesReferenceError(namespace, reference, { reason: error.message, cause: error })
  }
}

type WithData = KubeObject & {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

/** What a ConfigMap holds, texts before bytes. */
function contentOf({ data = {}, binaryData = {} }: WithData): Record<string, Uint8Array> {
  const texts = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'utf8')] as const)
  return { ...decoded(binaryData), ...Object.fromEntries(texts) }
}

function decoded(data: Readonly<Record<string, string>> = {}): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
}
