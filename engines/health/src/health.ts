import { type KubeObject, parseApiVersion } from '@sluice/ports'
import { type BuiltinRule, builtinRules } from './builtin.ts'
import { conditionsOf, fieldAt } from './fields.ts'
import { withPods } from './pods.ts'
import { current, failed, type Health, inProgress } from './verdict.ts'

/** What a verdict needs besides the object itself. */
export type HealthContext = {
  /** Milliseconds since the epoch: a pod may stay unscheduled for a while before that counts as a failure. */
  readonly now: number
  /** Pods that the object's selector selects; looked at for {@link dependsOnPods} kinds only. */
  readonly pods?: readonly KubeObject[]
}

/**
 * How far the cluster has come with what the object asks for.
 *
 * Deletion, an unobserved generation and the conditions `Reconciling` and `Stalled` decide first, for every kind;
 * then a built-in kind's own rule; then the condition `Ready`. A kind with none of these is current.
 *
 * Source: kstatus of sigs.k8s.io/cli-utils 0.37 as Flux 2.9 uses it, with Flux's rule for Jobs.
 */
export function healthOf(object: KubeObject, context: HealthContext): Health {
  const decided = genericHealth(object)
  if (decided) return withPods(decided, object, context)
  const rule = ruleFor(object)
  return rule ? withPods(rule(object, context), object, context) : readyHealth(object)
}

/** Health of an object that the cluster does not have. */
export const notFound: Health = { status: 'NotFound', message: 'Resource not found' }

function genericHealth(object: KubeObject): Health | undefined {
  const { deletionTimestamp, generation } = object.metadata
  if (deletionTimestamp) return { status: 'Terminating', message: 'Resource scheduled for deletion' }

  const observed = fieldAt(object, 'status.observedGeneration')
  if (typeof generation === 'number' && typeof observed === 'number' && observed !== generation) {
    return inProgress(
      `${object.kind} generation is ${generation}, but latest observed generation is ${observed}`,
    )
  }

  // The first of the two in the list decides, as upstream's loop over the conditions does.
  for (const { type, status, message } of conditionsOf(object)) {
    if (status !== 'True') continue
    if (type === 'Reconciling') return inProgress(message)
    if (type === 'Stalled') return failed(message)
  }
  return undefined
}

function ruleFor({ apiVersion, kind }: KubeObject): BuiltinRule | undefined {
  const { group } = parseApiVersion(apiVersion)
  return builtinRules.get(group === '' ? kind : `${group}/${kind}`)
}

function readyHealth(object: KubeObject): Health {
  const ready = conditionsOf(object).find(({ type }) => type === 'Ready')
  if (!ready) return current('Resource is current')
  return ready.status === 'True' ? current('Resource is Ready') : inProgress(ready.message)
}
