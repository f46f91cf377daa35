import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { addDiffArtifact } from './artifact/diff.ts'
import { addDiffHelmRelease } from './diff/helm-release.ts'
import { addDiffImageUpdate } from './diff/image-update.ts'
import { addDiffKustomization } from './diff/kustomization.ts'

/** `diff …`: what a reconciliation would change, without doing it. */
export function addDiff(program: Command, context: CommandContext): void {
  const group = program.command('diff').description('print what a reconciliation would change')
  addDiffKustomization(group, context)
  addDiffHelmRelease(group, context)
  addDiffImageUpdate(group, context)
  addDiffArtifact(group, context)
}
