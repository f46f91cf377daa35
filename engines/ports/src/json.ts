/** A JSON value as the platform passes it about: plain objects, deep-frozen where it is shared. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/** A JSON object. A key whose value is `undefined` counts as absent. */
export type JsonObject = { readonly [key: string]: JsonValue | undefined }
