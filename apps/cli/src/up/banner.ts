/** What the closing lines of the start-up are about. */
export type BannerFacts = {
  /** Where the person stands, to shorten paths. */
  readonly kubeconfig: string
  readonly hasKubectl: boolean
  /** URL with credentials, for cloning and pushing. */
  readonly cloneUrl: string
  readonly repository: string
  readonly writable: boolean
  readonly namespace: string
  readonly kustomization: string
}

/** Three things to try next in a second terminal; each command works when pasted. */
export function nextSteps(facts: BannerFacts): string {
  const { kubeconfig, hasKubectl, namespace, kustomization } = facts
  const look = hasKubectl
    ? `kubectl --kubeconfig ${kubeconfig} get gitrepositories,kustomizations,deployments,pods -A`
    : 'npx sluice get all -A'
  const reconcile = `npx sluice reconcile kustomization ${kustomization} -n ${namespace} --with-source`
  return [
    '',
    'Three things to try in a second terminal, from this directory:',
    '',
    '  1. See what runs',
    `     ${look}`,
    `  2. ${facts.writable ? 'Change it by a git push' : 'Change it by a commit'}`,
    ...changeCommands(facts).map((command) => `     ${command}`),
    '  3. Have it done at once, or just wait',
    `     ${reconcile}`,
    '',
    'Pods of this cluster are simulated: they become Ready without running a program.',
    'Ctrl-C stops everything; the next start goes on from here (--reset begins anew).',
    '',
  ].join('\n')
}

function changeCommands({ writable, cloneUrl, repository }: BannerFacts): string[] {
  if (!writable) return ['edit a manifest in your repository, then git commit: it is deployed within seconds']
  const directory = repository.slice(repository.lastIndexOf('/') + 1)
  return [
    `git clone -q ${cloneUrl} ${directory}`,
    `cd ${directory} && sed -i.bak 's/replicas: 2/replicas: 3/' deploy/deployment.yaml && git commit -qam 'Three replicas' && git push -q; cd ..`,
  ]
}
