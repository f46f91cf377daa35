import { age, type KindDefinition, ready, status } from './kind-definition.ts'
import { eventObject, notificationBetas, notificationGroup } from './notification-kinds.ts'
import { list, needed, only, record, text } from './schema-node.ts'
import { commonStatus, localReference, stringMap, suspend } from './shared-schemas.ts'

const sinceBeta2 = ['v1beta2', 'v1beta3'] as const
const oldColumns = [age, ready, status]

export const alertDefinition: KindDefinition = {
  ...notificationGroup,
  kind: 'Alert',
  plural: 'alerts',
  singular: 'alert',
  shortNames: [],
  storage: 'v1beta3',
  versions: [
    { name: 'v1beta3', columns: [age] },
    { name: 'v1beta2', columns: oldColumns, deprecated: true },
    { name: 'v1beta1', columns: oldColumns, deprecated: true },
  ],
  description: 'Sends events about objects to a provider.',
  spec: record('Which events go where.', {
    providerRef: needed(localReference('The Provider.', 'Name of the Provider.')),
    eventSources: needed(list('Objects whose events are sent.', eventObject())),
    eventSeverity: text('Least severity of events.', { enum: ['info', 'error'], default: 'info' }),
    eventMetadata: only(sinceBeta2, stringMap('Metadata to add to the events.')),
    exclusionList: list(
      'Regular expressions; events whose message matches are not sent.',
      text('A regular expression.'),
    ),
    inclusionList: only(
      sinceBeta2,
      list('Regular expressions; only events whose message matches are sent.', text('A regular expression.')),
    ),
    summary: text('A line about what the events mean; use `eventMetadata` instead.', { maxLength: 255 }),
    suspend,
  }),
  status: record('Only in older versions; no longer written.', commonStatus),
  statusIn: notificationBetas,
}
