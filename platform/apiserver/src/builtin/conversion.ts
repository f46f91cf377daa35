import type { KubeObject } from '@sluice/ports'
import { type ApiResource, groupVersionOf } from '../registry/api-resource.ts'

/** Brings a built-in object into another version of its kind. */
export function convertBuiltin(object: KubeObject, to: Pick<ApiResource, 'group' | 'version'>): KubeObject {
  const apiVersion = groupVersionOf(to)
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
}
