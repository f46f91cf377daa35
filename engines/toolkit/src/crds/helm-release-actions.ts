import { flag, list, needed, only, record, type SchemaNode, text, whole } from './schema-node.ts'
import { duration } from './shared-schemas.ts'

const v2 = ['v2'] as const

/** Flags that Helm's actions share. */
const timeout = duration('Longest time that a single operation may take; `spec.timeout` when absent.')
const disableWait = flag('Does not wait for the objects to become ready.')
const disableWaitForJobs = flag('Does not wait for Jobs to complete.')
const disableHooks = flag('Runs no hooks.')
const disableOpenAPIValidation = flag('Does not validate against the schemas of the API server.')
const disableSchemaValidation = only(v2, flag('Does not validate values against the schema of the chart.'))
const disableTakeOwnership = only(v2, flag('Fails on objects of other releases instead of taking them over.'))
const cleanupOnFail = flag('Deletes new objects when the action fails.')
const force = flag('Replaces objects that cannot be updated.')
const retries = whole('How often a failed action is tried again; below 0 without end.')
const ignoreTestFailures = flag(
  'Does not count failed tests as failure; as `test.ignoreFailures` says when absent.',
)
const remediateLastFailure = flag('Remediates the last failure too.')

function crds(description: string): SchemaNode {
  return text(description, { enum: ['Skip', 'Create', 'CreateReplace'] })
}

const serverSideApply = only(
  v2,
  text('Whether objects are applied by the server; `auto` follows the release before.', {
    enum: ['enabled', 'disabled', 'auto'],
  }),
)

function strategy(rule: string, message: string): SchemaNode {
  return only(
    v2,
    record(
      'What to do about failure.',
      {
        name: needed(
          text('Undo and try again, or just try again.', { enum: ['RemediateOnFailure', 'RetryOnFailure'] }),
        ),
        retryInterval: duration('Time between two tries.'),
      },
      { rules: [{ rule, message }] },
    ),
  )
}

export const install: SchemaNode = record('Options of installing.', {
  timeout,
  remediation: record('What follows a failed installation.', {
    retries,
    ignoreTestFailures,
    remediateLastFailure,
  }),
  strategy: strategy(
    "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
    ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
  ),
  disableWait,
  disableWaitForJobs,
  disableHooks,
  disableOpenAPIValidation,
  disableSchemaValidation,
  disableTakeOwnership,
  replace: flag('Uses the name of a release that was uninstalled with its history kept.'),
  skipCRDs: flag('Installs no CRDs; use `crds` instead.'),
  crds: crds('What happens to the CRDs of the chart.'),
  createNamespace: flag('Creates the target namespace.'),
  serverSideApply: only(v2, flag('Whether objects are applied by the server.')),
})

export const upgrade: SchemaNode = record('Options of upgrading.', {
  timeout,
  remediation: record('What follows a failed upgrade.', {
    retries,
    ignoreTestFailures,
    remediateLastFailure,
    strategy: text('How it is undone.', { enum: ['rollback', 'uninstall'] }),
  }),
  strategy: strategy(
    "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
    ".retryInterval can only be set when .name is 'RetryOnFailure'",
  ),
  disableWait,
  disableWaitForJobs,
  disableHooks,
  disableOpenAPIValidation,
  disableSchemaValidation,
  disableTakeOwnership,
  force,
  preserveValues: flag('Keeps the values of the release before and merges the new ones in.'),
  cleanupOnFail,
  crds: crds('What happens to the CRDs of the chart.'),
  serverSideApply,
  chartNameChangeStrategy: only(
    v2,
    text('What happens when the chart has another name.', { enum: ['InPlaceUpdate', 'Reinstall'] }),
  ),
})

export const test: SchemaNode = record('Options of testing.', {
  enable: flag('Runs the tests of the chart after installing and upgrading.'),
  timeout,
  ignoreFailures: flag('Does not count failed tests as failure.'),
  filters: only(
    ['v2', 'v2beta2'],
    list(
      'Tests to run.',
      record('A test.', {
        name: needed(text('Name of the test.', { minLength: 1, maxLength: 253 })),
        exclude: flag('Leaves this test out.'),
      }),
    ),
  ),
})

export const rollback: SchemaNode = record('Options of rolling back.', {
  timeout,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  recreate: flag('Without effect.'),
  force,
  cleanupOnFail,
  serverSideApply,
})

export const uninstall: SchemaNode = record('Options of uninstalling.', {
  timeout,
  disableHooks,
  keepHistory: flag('Keeps the history of the release.'),
  disableWait,
  deletionPropagation: text('How dependents of the objects are deleted.', {
    enum: ['background', 'foreground', 'orphan'],
    default: 'background',
  }),
})
