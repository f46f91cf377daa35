import type { KubeObject, ManagedFieldsEntry } from '@sluice/ports'

/**
 * A number that changes when someone changes what is owned of an object, status apart. Different states share one with a
 * probability of about 2⁻⁵³.
 */
export function fingerprint({ metadata }: KubeObject): number {
  const owned = metadata.managedFields?.filter((it) => it.subresource !== 'status').map(essence)
  // Where a server keeps no managed fields, the generation has to do.
  return hash(JSON.stringify(owned ?? [metadata.generation, metadata.labels, metadata.annotations]))
}

/** Without the time: a write that changes nothing does not count. */
function essence({ manager, operation, subresource, fieldsV1 }: ManagedFieldsEntry): unknown {
  return [manager, operation, subresource, fieldsV1]
}

/** 53 bits by cyrb53, of public domain. */
function hash(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 2_654_435_761)
    b = Math.imul(b ^ code, 1_597_334_677)
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909)
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0)
}
