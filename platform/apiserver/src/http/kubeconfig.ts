/** A kubeconfig for one user of one server, as YAML text. */
export function kubeconfigText({
  url,
  ca,
  token,
  name = 'sluice',
}: {
  readonly url: string
  /** PEM of the server's CA. */
  readonly ca: string
  readonly token: string
  /** Of the cluster, user and context. */
  readonly name?: string
}): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${url}
    certificate-authority-data: ${Buffer.from(ca).toString('base64')}
users:
- name: ${name}
  user:
    token: ${token}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
current-context: ${name}
`
}
