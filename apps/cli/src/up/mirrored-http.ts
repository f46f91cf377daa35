import type { Http, HttpRequest } from '@sluice/ports'

/**
 * An {@link Http} for which some hosts, or some paths of them, are elsewhere: requests to them go to the mapped origin,
 * under the same path. It lets manifests name the servers of a real installation while a machine without network serves
 * them itself.
 *
 * @param mirrors host (with its port, if it has one), or host and directories of a path such as
 *   `ghcr.io/v2/stefanprodan` → origin such as `http://127.0.0.1:4000`; the most precise one counts
 */
export function mirroredHttp(http: Http, mirrors: ReadonlyMap<string, string>): Http {
  return {
    request: (request, options) => http.request(redirected(request, mirrors), options),
  }
}

function redirected(request: HttpRequest, mirrors: ReadonlyMap<string, string>): HttpRequest {
  if (!URL.canParse(request.url)) return request
  const url = new URL(request.url)
  const origin = originFor(url, mirrors)
  if (origin === undefined) return request
  const target = new URL(origin)
  url.protocol = target.protocol
  url.host = target.host
  return { ...request, url: url.href }
}

function originFor({ host, pathname }: URL, mirrors: ReadonlyMap<string, string>): string | undefined {
  let place = host + pathname
  for (;;) {
    const origin = mirrors.get(place)
    const end = place.lastIndexOf('/')
    if (origin !== undefined || end < 0) return origin
    place = place.slice(0, end)
  }
}
