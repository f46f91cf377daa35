import { isKubeObject, type JsonObject, type KubeObject } from '@sluice/ports'
import { builtinSchema } from '@sluice/schema'
import { type ApiResource, groupVersionOf } from '../registry/api-resource.ts'
import { autoscalerFromFirst, autoscalerToFirst } from './autoscaler-versions.ts'
import { canonical } from './canonical.ts'
import { eventFromCore, eventToCore } from './event-versions.ts'

type Convert = (object: JsonObject) => JsonObject

/** Kinds that look different in their versions, by the version they are brought into. */
const conversions: ReadonlyMap<string, Convert> = new Map([
  ['Event v1', eventToCore],
  ['Event events.k8s.io/v1', eventFromCore],
  ['HorizontalPodAutoscaler autoscaling/v1', autoscalerToFirst],
  ['HorizontalPodAutoscaler autoscaling/v2', autoscalerFromFirst],
])

/** Brings a built-in object into another version of its kind. */
export function convertBuiltin(object: KubeObject, to: Pick<ApiResource, 'group' | 'version'>): KubeObject {
  const apiVersion = groupVersionOf(to)
  if (object.apiVersion === apiVersion) return object
  const { kind } = object
  const convert = conversions.get(`${kind} ${apiVersion}`)
  const type = builtinSchema({ ...to, kind })
  if (!convert || !type) return { ...object, apiVersion }
  const converted = canonical({ ...convert(object as unknown as JsonObject), apiVersion }, type)
  return isKubeObject(converted) ? converted : { ...object, apiVersion }
}
