import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { documentText, type Rendered, type TemplateTextOptions, templateDocuments } from '@sluice/chart'
import { CliError } from '../cli-error.ts'

type Directories = {
  /** For CRDs, which belong to no release. */
  readonly directory: string
  readonly releaseDirectory: string
}

/**
 * Writes each template's documents to a file of its own, over what was there before.
 *
 * @returns the paths, one for each document
 * @throws {CliError} when a template's path leads out of the directory
 */
export function writeTemplateFiles(
  rendered: Rendered,
  options: TemplateTextOptions,
  { directory, releaseDirectory }: Directories,
): readonly string[] {
  const written = new Set<string>()
  return templateDocuments(rendered, options).map((document) => {
    const root = document.kind === 'crd' ? directory : releaseDirectory
    const path = resolve(root, document.path)
    if (!path.startsWith(root + sep)) {
      throw new CliError(`template ${document.path} would be written outside of ${root}`)
    }
    mkdirSync(dirname(path), { recursive: true })
    const write = written.has(path) ? appendFileSync : writeFileSync
    write(path, documentText(document))
    written.add(path)
    return path
  })
}
