import { GoError, parseGoUrl } from '@sluice/go'

/** Why `url` is none, in the words of Go: `parse "…": …`; nothing when it can be used. */
export function urlProblem(url: string): string | undefined {
  try {
    parseGoUrl(url)
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
  // What Go takes and only the dialling would refuse, such as a port above 65535.
  return URL.canParse(url) ? undefined : `parse ${JSON.stringify(url)}: invalid URL`
}
