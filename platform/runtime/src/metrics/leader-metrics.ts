import { Gauge, type Registry } from 'prom-client'

/** client-go's metrics of leader election. */
export interface LeaderMetrics {
  /** @param lease name of the lease that is held or not. */
  leads(lease: string, isLeader: boolean): void
}

export function leaderMetrics(registry: Registry): LeaderMetrics {
  const status = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process holds a lease: 1 for yes, 0 for no.',
    labelNames: ['name'] as const,
    registers: [registry],
  })
  return { leads: (lease, isLeader) => status.set({ name: lease }, isLeader ? 1 : 0) }
}
