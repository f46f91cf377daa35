import { createHash } from 'node:crypto'
import { unpackedPlace } from '@sluice/artifact'
import { buildKustomization } from '@sluice/delivery'
import { reasons } from '@sluice/toolkit'
import { decryptionSession, withKeys } from './decryption.ts'
import { readVariables } from './variables.ts'
import { failure, need, type Step, type Work } from './work.ts'

/** Builds the objects that the revision describes. */
export const build: Step = async (work) => {
  const { run, object, deps } = work
  const variables = await variablesOf(work)
  const { artifact } = need(work, 'source')
  try {
    const session = await decryptionSession(
      object,
      { ...deps, cluster: work.configs },
      { signal: run.signal },
    )
    const buildAll = (files: boolean) =>
      withKeys(
        session,
        (decrypter) =>
          buildKustomization({
            tree: need(work, 'tree'),
            directory: work.directory ?? '',
            ...(artifact && { place: unpackedPlace('kustomization', artifact.digest) }),
            spec: object.spec,
            variables,
            strict: deps.options?.gates?.strictPostBuildSubstitutions ?? true,
            files,
            ...(decrypter ? { decrypter } : {}),
          }),
        { signal: run.signal },
      )
    const built = await buildAll(false)
    for (const warning of built.warnings) run.log.info(warning)
    // Knowing where objects come from takes time, and is of interest only once something fails.
    work.findFiles = async () => (await buildAll(true)).files
    work.built = { objects: built.objects, digest: digestOf(built.yaml) }
    return undefined
  } catch (error) {
    run.signal.throwIfAborted()
    throw failure(work, reasons.buildFailed, error)
  }
}

/** Read ahead, since building is synchronous; a failure is kept until an object needs the variables. */
async function variablesOf({ run, object, configs }: Work): Promise<() => ReadonlyMap<string, string>> {
  if (!object.spec.postBuild) return () => new Map()
  try {
    const variables = await readVariables(object, { cluster: configs, signal: run.signal })
    return () => variables
  } catch (error) {
    run.signal.throwIfAborted()
    return () => {
      throw error
    }
  }
}

function digestOf(yaml: string): string {
  return `sha256:${createHash('sha256').update(yaml).digest('hex')}`
}
