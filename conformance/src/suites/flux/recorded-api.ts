import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordedFiles } from './record.ts'

/** How our API server is reached. */
export type ApiAccess = { readonly url: string; readonly ca: string }

/** The recorded cluster's address and its administrator's token, as kubeconfigs in manifests have them. */
export const recordedApi = { url: 'https://127.0.0.1:26443', token: 'lab-admin' } as const

/** Text that holds a kubeconfig may be in a Secret's `data`. */
const encoded = /[A-Za-z0-9+/]{100,}={0,2}/g

/**
 * A copy of a scenario's folder, made at `copy`, whose kubeconfigs lead to our cluster; the folder itself when it has none.
 * Everything else in them stays, the credentials too.
 */
export function withOurApi(folder: string, copy: string, access: ApiAccess): string {
  const files = recordedFiles(join(folder, 'input'))
    .map((name) => ({ name, text: readFileSync(join(folder, 'input', name), 'utf8') }))
    .flatMap(({ name, text }) => {
      const changed = readdressed(text, access)
      return changed === text ? [] : [{ name, changed }]
    })
  if (files.length === 0) return folder
  cpSync(join(folder, 'input'), join(copy, 'input'), { recursive: true, verbatimSymlinks: true })
  for (const { name, changed } of files) writeFileSync(join(copy, 'input', name), changed)
  return copy
}

/** A text in which kubeconfigs of the recorded cluster are ones of ours. */
export function readdressed(text: string, access: ApiAccess): string {
  const decoded = text.replace(encoded, (word) => {
    const inner = Buffer.from(word, 'base64').toString()
    return inner.includes(recordedApi.url) ? Buffer.from(readdressed(inner, access)).toString('base64') : word
  })
  if (!decoded.includes(recordedApi.url)) return decoded
  return decoded
    .replaceAll(recordedApi.url, access.url)
    .replace(
      /(?<=certificate-authority-data: *["']?)[A-Za-z0-9+/=]+/g,
      Buffer.from(access.ca).toString('base64'),
    )
}
