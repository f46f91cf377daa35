import type { Pod } from '../workloads/workload.ts'

/**
 * What becomes of a simulated pod:
 * - `ready`: runs and is ready; `never-ready`: runs, never ready;
 * - `succeeds`, `fails`: runs for a moment and ends;
 * - `crash-loops`: its containers exit again and again; `image-missing`: its images cannot be pulled.
 */
export type PodFate = 'ready' | 'never-ready' | 'succeeds' | 'fails' | 'crash-loops' | 'image-missing'

/** The annotation by which a pod (or a pod template) asks for a fate other than the usual one. */
export const fateAnnotation = 'node.sluice.dev/simulate'

const fates = new Set<string>([
  'ready',
  'never-ready',
  'succeeds',
  'fails',
  'crash-loops',
  'image-missing',
] satisfies PodFate[])

/** A pod that restarts for ever is ready; one that may end succeeds; the annotation overrides both. */
export function defaultFate(pod: Pod): PodFate {
  const asked = pod.metadata.annotations?.[fateAnnotation] ?? ''
  if (fates.has(asked)) return asked as PodFate
  const { restartPolicy = 'Always' } = pod.spec
  return restartPolicy === 'Always' ? 'ready' : 'succeeds'
}
