/** Something that happened between two lines of a STEPS.md. */
export type Unwritten = {
  readonly scenario: string
  /** The record after which it happened. */
  readonly after: string
  /** An object of the bucket as it was from then on. */
  readonly object: { readonly key: string; readonly content: string }
}

/**
 * What the recorders changed without a line in STEPS.md. Line 0 of scenario 26 names the change of an object; what it became
 * follows from the revision that was recorded afterwards, the digest of all keys and their content's MD5.
 */
export const unwritten: readonly Unwritten[] = [
  {
    scenario: '26-bucket-minio',
    after: 'final',
    object: {
      key: 'app/cm.yaml',
      content:
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bucket-cm\n  namespace: g26\ndata:\n  v: "2"\n',
    },
  },
]
