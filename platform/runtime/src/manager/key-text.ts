import type { ObjectKey } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'

/** `namespace/name`, the form of keys in queues and indexes; neither part can hold a slash. */
export function keyText({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`
}

/** The inverse of {@link keyText}. */
export function parseKeyText(text: string): ObjectKey {
  const slash = text.indexOf('/')
  const [namespace, name] = [text.slice(0, slash), text.slice(slash + 1)]
  return namespace === '' ? { name } : { namespace, name }
}

export function keyTextOf({ metadata: { namespace = '', name = '' } }: KubeObject): string {
  return `${namespace}/${name}`
}
