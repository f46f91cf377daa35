/** What a marker set: the value of one field before and after. */
export type SetterChange = {
  readonly oldValue: string
  readonly newValue: string
  /** Name of the setter, such as `flux-system:app:tag`. */
  readonly setter: string
}

/** The object that a field belongs to; without a name in files such as kustomization.yaml. */
export type ObjectIdentifier = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** An image that led to changes, and the policy that chose it. */
export type UpdatedImage = {
  readonly image: string
  readonly policy: { readonly name: string; readonly namespace: string }
}

/** All changes of one object in one file, in the order of the file. */
export type ObjectChange = {
  readonly file: string
  readonly object: ObjectIdentifier
  readonly changes: readonly SetterChange[]
  /** The image of each change, for the older form of message templates. */
  readonly images: readonly UpdatedImage[]
}
