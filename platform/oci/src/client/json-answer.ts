import { OciError } from '../oci-error.ts'

/** The object that a registry answers with. @throws {OciError} `OCI_INVALID` when it is none. */
export function parseJson(body: Uint8Array): object {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new OciError('OCI_INVALID', 'the registry answered with something that is not JSON')
}
