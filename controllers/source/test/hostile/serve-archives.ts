import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { mediaTypes } from '@sluice/oci'

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

/** A registry whose repository `a7` has the seventh archive, under every tag that is asked for. */
export function serveArchives(
  archives: readonly Buffer[],
  mediaType: string = mediaTypes.fluxContent,
): { readonly handle: (request: IncomingMessage, response: ServerResponse) => void } {
  return {
    handle: (request, response) => {
      const [, index = '', what = ''] = /^\/v2\/a(\d+)\/(\w+)\//.exec(request.url ?? '') ?? []
      const content = archives[Number(index)] ?? Buffer.alloc(0)
      if (what === 'blobs') {
        response.end(content)
        return
      }
      if (what === 'tags') {
        response.end('{"tags":["0.1.0"]}')
        return
      }
      const layer = { mediaType, digest: digestOf(content), size: content.length }
      const config = { ...layer, mediaType: mediaTypes.helmConfig }
      const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [layer] }))
      response.writeHead(200, {
        'content-type': mediaTypes.manifest,
        'docker-content-digest': digestOf(manifest),
      })
      response.end(request.method === 'HEAD' ? undefined : manifest)
    },
  }
}
