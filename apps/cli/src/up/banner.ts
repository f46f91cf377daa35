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
  /** An image whose new tags are deployed: where to push, and as whom. */
  readonly image?: { readonly url: string; readonly credentials: string }
}

/** Things to try next in a second terminal; each command works when pasted. */
export function nextSteps(facts: BannerFacts): string {
  const { kubeconfig, hasKubectl, namespace, kustomization, image } = facts
  const look = hasKubectl
    ? `kubectl --kubeconfig ${kubeconfig} get gitrepositories,kustomizations,deployments,pods -A`
    : 'npx sluice get all -A'
  const reconcile = `npx sluice reconcile kustomization ${kustomization} -n ${namespace} --with-source`
  return [
    '',
    `${image ? 'Four' : 'Three'} things to try in a second terminal, from this directory:`,
    '',
    '  1. See what runs',
    `     ${look}`,
    `  2. ${facts.writable ? 'Change it by a git push' : 'Change it by a commit'}`,
    ...changeCommands(facts).map((command) => `     ${command}`),
    '  3. Have it done at once, or just wait',
    `     ${reconcile}`,
    ...(image ? pushCommands(image, namespace) : []),
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

/** A tag as a build of the main branch gives it: later ones are newer. */
function pushCommands({ url, credentials }: NonNullable<BannerFacts['image']>, namespace: string): string[] {
  return [
    '  4. Push a new image: within a minute it is found, committed to the repository, and rolled out',
    `     npx sluice tag artifact ${url} --tag main-0a1b2c3d-$(date +%s) --creds ${credentials}`,
    `     npx sluice events -n ${namespace} --watch`,
  ]
}
