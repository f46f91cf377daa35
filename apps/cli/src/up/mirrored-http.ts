import type { Http, HttpRequest } from '@sluice/ports'

/**
 * An {@link Http} for which some hosts are elsewhere: requests to them go to the mapped origin, under the same path.
 * It lets manifests name the servers of a real installation while a machine without network serves them itself.
 *
 * @param mirrors host (with its port, if it has one) → origin such as `http://127.0.0.1:4000`
 */
export function mirroredHttp(http: Http, mirrors: ReadonlyMap<string, string>): Http {
  return {
    request: (request, options) => http.request(redirected(request, mirrors), options),
  }
}

function redirected(request: HttpRequest, mirrors: ReadonlyMap<string, string>): HttpRequest {
  if (!URL.canParse(request.url)) return request
  const url = new URL(request.url)
  const origin = mirrors.get(url.host)
  if (origin === undefined) return request
  const target = new URL(origin)
  url.protocol = target.protocol
  url.host = target.host
  return { ...request, url: url.href }
}
