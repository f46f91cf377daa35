import { parseYaml } from '@sluice/yaml'

/** @throws {YamlError} when `bytes` are no UTF-8. */
export function decodeYaml(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    // The reader of bytes says which octet is wrong.
    parseYaml(bytes)
    throw error
  }
}
