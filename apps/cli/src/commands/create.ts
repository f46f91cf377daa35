import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { addCreateAlert } from './create/alert.ts'
import { addCreateAlertProvider } from './create/alert-provider.ts'
import { createGroup } from './create/creation.ts'
import { addCreateHelmRelease } from './create/helm-release.ts'
import { addCreateImagePolicy } from './create/image-policy.ts'
import { addCreateImageRepository } from './create/image-repository.ts'
import { addCreateImageUpdate } from './create/image-update.ts'
import { addCreateKustomization } from './create/kustomization.ts'
import { addCreateReceiver } from './create/receiver.ts'
import { addCreateSecrets } from './create/secrets.ts'
import { addCreateSourceBucket } from './create/source-bucket.ts'
import { addCreateSourceChart } from './create/source-chart.ts'
import { addCreateSourceGit } from './create/source-git.ts'
import { addCreateSourceHelm } from './create/source-helm.ts'
import { addCreateSourceOci } from './create/source-oci.ts'
import { addCreateTenant } from './create/tenant.ts'

/** `create …`: every command makes one object, prints it with `--export` or applies it. */
export function addCreate(program: Command, context: CommandContext): void {
  const group = createGroup(program)
  for (const add of [
    addCreateSourceGit,
    addCreateSourceOci,
    addCreateSourceHelm,
    addCreateSourceBucket,
    addCreateSourceChart,
    addCreateKustomization,
    addCreateHelmRelease,
    addCreateImageRepository,
    addCreateImagePolicy,
    addCreateImageUpdate,
    addCreateAlert,
    addCreateAlertProvider,
    addCreateReceiver,
    addCreateSecrets,
    addCreateTenant,
  ]) {
    add(group, context)
  }
}
