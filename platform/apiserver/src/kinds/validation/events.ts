import { jsonEqual } from '@sluice/merge'
import { type JsonObject, type KubeObject, qualifiedNameProblems } from '@sluice/ports'
import { convertBuiltin } from '../../builtin/conversion.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { numberOf, objectOf, textOf } from '../json-fields.ts'

const core = { group: '', version: 'v1' }

/** Events of both groups are looked at as the core group has them; those of `events.k8s.io` must be of the newer kind. */
export function validateNewEvent(object: KubeObject): FieldError[] {
  const event = fieldsOf(object)
  const isNewer = object.apiVersion !== 'v1'
  const hasTime = textOf(event.eventTime) !== ''
  return [
    ...(hasTime ? validateReport(object, event, isNewer) : validatePlace(object, event)),
    ...(isNewer ? validateNewer(event) : []),
  ]
}

/** Of an event in `events.k8s.io` only its series goes on. */
export function validateEventUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  if (next.apiVersion === 'v1') return []
  const event = fieldsOf(next)
  const before = fieldsOf(old)
  return [
    ...(jsonEqual(event.series ?? null, before.series ?? null) ? [] : validateSeries(event.series)),
    ...fixedFields.flatMap((name) =>
      jsonEqual(event[name] ?? null, before[name] ?? null)
        ? []
        : [
            invalidValue(
              name === 'reportingComponent' ? 'reportingController' : name,
              event[name] ?? null,
              'field is immutable',
            ),
          ],
    ),
  ]
}

const fixedFields = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'related',
  'type',
  'eventTime',
  'action',
  'reportingComponent',
  'reportingInstance',
]

function fieldsOf(object: KubeObject): JsonObject {
  return convertBuiltin(object, core) as unknown as JsonObject
}

/** An event stands beside what it tells of, or in `default` when that is in no namespace. */
function validatePlace({ metadata }: KubeObject, { involvedObject }: JsonObject): FieldError[] {
  const own = metadata.namespace ?? ''
  const about = textOf(objectOf(involvedObject).namespace)
  return about === own || (about === '' && own === 'default') ? [] : [otherNamespace(about)]
}

function otherNamespace(namespace: string): FieldError {
  return invalidValue('involvedObject.namespace', namespace, 'does not match event.namespace')
}

const homes = ['default', 'kube-system']
const longest = 128
const longestNote = 1_024

function validateReport({ metadata }: KubeObject, event: JsonObject, isNewer: boolean): FieldError[] {
  const isAway = !homes.includes(metadata.namespace ?? '')
  const hasNamespace = textOf(objectOf(event.involvedObject).namespace) !== ''
  const reporter = textOf(event.reportingComponent)
  const reporterField = isNewer ? 'reportingController' : 'reportingComponent'
  return [
    ...(hasNamespace || !isAway ? [] : [otherNamespace('')]),
    ...(reporter === ''
      ? [required(reporterField)]
      : qualifiedNameProblems(reporter).map((it) => invalidValue(reporterField, reporter, it))),
    ...['reportingInstance', 'action', 'reason'].flatMap((name) => {
      const text = textOf(event[name])
      return text === '' ? [required(name)] : validateLength(name, text, longest)
    }),
    ...validateLength('message', textOf(event.message), longestNote),
  ]
}

function validateLength(field: string, text: string, most: number): FieldError[] {
  return Buffer.byteLength(text) > most
    ? [invalidValue(field, '', `can have at most ${most} characters`)]
    : []
}

function validateNewer(event: JsonObject): FieldError[] {
  const unset = 'needs to be unset'
  const type = textOf(event.type)
  const source = objectOf(event.source)
  return [
    ...(event.series === undefined ? [] : validateSeries(event.series)),
    ...(textOf(event.eventTime) === '' ? [required('eventTime')] : []),
    ...(['Normal', 'Warning'].includes(type) ? [] : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...['firstTimestamp', 'lastTimestamp'].flatMap((name) =>
      textOf(event[name]) === '' ? [] : [invalidValue(name, '', unset)],
    ),
    ...((numberOf(event.count) ?? 0) === 0 ? [] : [invalidValue('count', '', unset)]),
    ...(textOf(source.component) === '' && textOf(source.host) === ''
      ? []
      : [invalidValue('source', '', unset)]),
  ]
}

/** A series is told of from its second event on. */
function validateSeries(series: unknown): FieldError[] {
  const { count, lastObservedTime } = objectOf(series)
  return [
    ...((numberOf(count) ?? 0) < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(textOf(lastObservedTime) === '' ? [required('series.lastObservedTime')] : []),
  ]
}
