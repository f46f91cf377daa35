/**
 * Signs the content of a commit, as `git commit -S` does, and gives armoured text.
 *
 * @param now milliseconds since the epoch: the time of the signature, for forms that have one
 */
export type GitSigner = (content: Uint8Array, options: { readonly now: number }) => Promise<string>
