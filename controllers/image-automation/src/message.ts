import { type DataForm, type ObjectChange, renderCommitMessage } from '@sluice/image'
import type { ManagedFieldsEntry } from '@sluice/ports'
import { type ImageUpdateAutomation, versionsWritten } from '@sluice/toolkit'
import type { ImageAutomationDeps } from './deps.ts'

type MessagePorts = Pick<ImageAutomationDeps, 'clock' | 'random' | 'crypto'>

/**
 * The message of a commit with these changes.
 *
 * @throws {ImageError} when the template cannot be used
 */
export function messageOf(
  object: ImageUpdateAutomation,
  changes: readonly ObjectChange[],
  { clock, random, crypto }: MessagePorts,
): string {
  const { name = '', namespace = '' } = object.metadata
  const { messageTemplate = '', messageTemplateValues: values } = object.spec.git?.commit ?? {}
  return renderCommitMessage(
    messageTemplate,
    { automation: { name, namespace }, changes, ...(values && { values }) },
    { ports: { clock, random, crypto }, form: formOf(object) },
  )
}

/**
 * The data that a template was written for: `.Updated` goes on working for who wrote it through an API version that had
 * it, which is what the record of the field's owner tells; v1 never had it.
 */
function formOf(object: ImageUpdateAutomation): DataForm {
  const owners = (object.metadata.managedFields ?? []).filter(ownsTemplate)
  const known = owners.length > 0 ? { ...object, metadata: { managedFields: owners } } : object
  const versions = [...versionsWritten(known)]
  // A record that is lost held an old version: nothing else makes an API server begin it anew.
  return versions.length === 0 || versions.some((it) => versionsWithUpdated.has(it)) ? 'all' : 'v1'
}

const versionsWithUpdated: ReadonlySet<string> = new Set(['v1beta1', 'v1beta2'])
const templatePath = ['f:spec', 'f:git', 'f:commit', 'f:messageTemplate']

function ownsTemplate({ fieldsV1 }: ManagedFieldsEntry): boolean {
  let fields: unknown = fieldsV1
  for (const name of templatePath) {
    if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return false
    fields = (fields as Readonly<Record<string, unknown>>)[name]
  }
  return true
}
