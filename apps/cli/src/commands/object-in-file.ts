import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { KubeObject } from '@sluice/ports'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { cliKind } from '../kinds.ts'
import { readManifest } from './apply.ts'

/** An object of a manifest, and all that is written beside it. */
export type ObjectInFile<T extends KubeObject> = {
  readonly object: T
  readonly all: readonly KubeObject[]
}

/** The toolkit's object of a kind and name in a file. @throws {CliError} when there is none. */
export function objectInFile<T extends KubeObject>(
  kind: 'Kustomization' | 'HelmRelease',
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { file, workingDirectory }: { readonly file: string } & Pick<CommandContext, 'workingDirectory'>,
): ObjectInFile<T> {
  const { group } = cliKind(kind).resource
  const word = kind.toLowerCase()
  let text: string
  try {
    text = readFileSync(resolve(workingDirectory, file), 'utf8')
  } catch (cause) {
    throw new CliError(`invalid ${word} file ${JSON.stringify(file)}`, { cause })
  }
  const all = readManifest(text, file)
  const object = all.find(
    (it) =>
      it.kind === kind &&
      it.apiVersion.startsWith(`${group}/`) &&
      it.metadata.name === name &&
      (it.metadata.namespace ?? namespace) === namespace,
  )
  if (!object) {
    throw new CliError(
      `failed find ${word} with name '${name}' and namespace '${namespace}' in file '${file}'`,
    )
  }
  return { object: object as T, all }
}
