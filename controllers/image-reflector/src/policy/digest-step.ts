import { ReconcileFailure } from '@sluice/runtime'
import { type ImageReference, type ImageRepository, reasons } from '@sluice/toolkit'
import { causeOf, withDeadline } from '../shared/deadline.ts'
import { imageRegistry, RegistryAccessError, timeoutMs } from '../shared/registry.ts'
import type { PolicyStep, PolicyWork } from './policy-work.ts'

/** Writes down which image was chosen, with the digest of the tag where the policy asks for it. */
export const reflectImage: PolicyStep = async (work) => {
  const { run, repository, tag } = work
  if (!repository) throw new TypeError('the repository is found before')
  const latest = { name: repository.spec.image, tag }
  const digest = await digestOf(work, repository, latest)
  const chosen: ImageReference = { ...latest, ...(digest !== undefined && { digest }) }
  const before = run.status.latestRef
  if (!before || !isSame(before, chosen)) {
    run.status.observedPreviousRef = before
    run.status.latestRef = chosen
  }
  return undefined
}

export function isSame(a: ImageReference, b: ImageReference): boolean {
  return isSameTag(a, b) && a.digest === b.digest
}

function isSameTag(a: ImageReference, b: ImageReference): boolean {
  return a.name === b.name && a.tag === b.tag
}

async function digestOf(
  work: PolicyWork,
  repository: ImageRepository,
  latest: ImageReference,
): Promise<string | undefined> {
  const { run } = work
  const { digestReflectionPolicy = 'Never' } = run.object.spec
  const before = run.status.latestRef
  switch (digestReflectionPolicy) {
    case 'Never':
      return undefined
    case 'IfNotPresent':
      if (before?.digest !== undefined && isSameTag(before, latest)) return before.digest
      return fetchDigest(work, repository, latest)
    case 'Always':
      return fetchDigest(work, repository, latest)
  }
}

async function fetchDigest(
  { run, deps }: PolicyWork,
  repository: ImageRepository,
  { name, tag }: ImageReference,
): Promise<string> {
  const reference = `${name}:${tag}`
  const options = { clock: deps.clock, signal: run.signal }
  try {
    return await withDeadline(timeoutMs(repository), options, async (signal) => {
      const registry = await explain('failed to configure authentication options', signal, () =>
        imageRegistry(repository, { ...deps, signal }),
      )
      return explain(`failed fetching descriptor for "${reference}"`, signal, () => registry.head(tag))
    })
  } catch (cause) {
    throw new ReconcileFailure(reasons.failed, `failed fetching digest of ${reference}`, { cause })
  }
}

async function explain<T>(message: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new RegistryAccessError(message, { cause: causeOf(error, signal) })
  }
}
