import {
  hermeticSprigFunctions,
  parseTemplates,
  type SprigPorts,
  TemplateError,
  TemplateSet,
} from '@sluice/template'
import { ImageError } from '../image-error.ts'
import { type CommitData, type DataForm, templateData } from './commit-data.ts'

const defaultMessage = 'Update from image update automation'
const templateName = 'commit message'
const documentation = 'See: https://fluxcd.io/flux/components/image/imageupdateautomations/#message-template'
/** What Flux says of fields that it took away. */
const removedFields = [
  {
    error: "can't evaluate field Updated in type source.TemplateData",
    message: `template uses removed '.Updated' field. Please use '.Changed' instead. ${documentation}`,
  },
  {
    error: "can't evaluate field ImageResult in type update.Result",
    message: `template uses removed '.Changed.ImageResult' field. Please use '.Changed.FileChanges' or '.Changed.Objects' instead. ${documentation}`,
  },
]

export type CommitMessageOptions = {
  readonly ports: SprigPorts
  /** Default `all`: both forms of the data. */
  readonly form?: DataForm
}

/**
 * The message of a commit that image automation makes.
 *
 * @param template `spec.git.commit.messageTemplate`; empty for the default message
 * @throws {ImageError} `COMMIT_TEMPLATE_INVALID` or `COMMIT_TEMPLATE_FAILED`, in Flux's words
 */
export function renderCommitMessage(
  template: string,
  data: CommitData,
  { ports, form = 'all' }: CommitMessageOptions,
): string {
  const functions = hermeticSprigFunctions(ports)
  const text = template === '' ? defaultMessage : template
  const set = inFluxWords(
    'COMMIT_TEMPLATE_INVALID',
    'unable to create commit message template from spec',
    () => new TemplateSet().add(parseTemplates(templateName, text, functions)),
  )
  return inFluxWords('COMMIT_TEMPLATE_FAILED', 'failed to run template from spec', () =>
    set.render(templateName, templateData(data, form), { functions }),
  )
}

function inFluxWords<T>(
  code: 'COMMIT_TEMPLATE_INVALID' | 'COMMIT_TEMPLATE_FAILED',
  prefix: string,
  run: () => T,
): T {
  try {
    return run()
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause
    const removed = removedFields.find(({ error }) => cause.message.includes(error))
    if (removed) throw new ImageError('COMMIT_TEMPLATE_REMOVED_FIELD', removed.message)
    throw new ImageError(code, `${prefix}: ${cause.message}`)
  }
}
