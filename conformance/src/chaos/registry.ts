/** One crash test: kills the process at points drawn from `seed` and checks what is left. */
export type Campaign = (options: {
  readonly kills: number
  readonly seed: number
  readonly log: (line: string) => void
}) => Promise<{ readonly passed: number; readonly failed: number }>

/** The campaigns by name, each loaded when it is asked for. */
export const campaigns: Readonly<Record<string, () => Promise<Campaign>>> = {
  'first-slice': async () => (await import('./first-slice/campaign.ts')).campaign,
  apiserver: async () => (await import('./apiserver.ts')).apiserverCampaign,
  helm: async () => (await import('./helm/kills.ts')).campaign,
  kustomization: async () => (await import('./kustomization/kills.ts')).campaign,
  source: async () => (await import('./source/kills.ts')).campaign,
  'kustomization-faults': async () => (await import('./kustomization/faults.ts')).campaign,
}
