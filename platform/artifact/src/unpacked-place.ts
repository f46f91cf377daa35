/**
 * How errors call the place where an artifact's files are. They are held in memory; the name has the form of the temporary
 * directories that Flux uses, because it is in texts that are compared, and is the same for the same artifact.
 *
 * @param purpose what Flux's directory is named after, such as `kustomization`
 */
export function unpackedPlace(purpose: string, digest: string): string {
  const start = digest.indexOf(':') + 1
  return `/tmp/${purpose}-${Number.parseInt(digest.slice(start, start + 8), 16)}`
}
