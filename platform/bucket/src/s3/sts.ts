import { type AwsCredentials, xmlText } from '@sluice/cloud'
import { readBody } from '@sluice/ports'
import { type BucketConnection, maxPageBytes } from '../bucket-client.ts'
import { BucketError } from '../bucket-error.ts'

export type LdapLogin = { readonly endpoint: string; readonly username: string; readonly password: string }

/**
 * Temporary credentials for a name and password of an LDAP directory.
 *
 * Source: https://min.io/docs/minio/linux/developers/security-token-service/AssumeRoleWithLDAPIdentity.html
 */
export async function assumeRoleWithLdap(
  { endpoint, username, password }: LdapLogin,
  { http, signal, timeoutMs, tls, proxy }: BucketConnection,
): Promise<AwsCredentials> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithLDAPIdentity',
    Version: '2011-06-15',
    LDAPUsername: username,
    LDAPPassword: password,
  })
  const response = await http.request(
    {
      method: 'POST',
      url: endpoint,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      ...(tls ? { tls } : {}),
      ...(proxy ? { proxy } : {}),
      maxBodyBytes: maxPageBytes,
      timeoutMs,
    },
    { signal },
  )
  const xml = new TextDecoder().decode(await readBody(response.body))
  const [accessKey, secretKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(
    (name) => xmlText(xml, name),
  )
  if (response.status !== 200 || accessKey === undefined || secretKey === undefined) {
    const reason = xmlText(xml, 'Message') ?? `unexpected status code ${response.status}`
    throw new BucketError('BUCKET_REFUSED', `STS: ${reason}`)
  }
  return { accessKey, secretKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
}
