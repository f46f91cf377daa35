import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import type { OpenLog } from './commands/up.ts'

type AddCommand = (program: Command, context: CommandContext, openLog: OpenLog) => void

/** The program's commands. What is not called is not loaded: some need a tenth of a second to do so. */
const commands: ReadonlyMap<string, () => Promise<AddCommand>> = new Map<string, () => Promise<AddCommand>>([
  ['up', async () => (await import('./commands/up.ts')).addUp],
  ['controller', async () => (await import('./commands/controller.ts')).addController],
  ['version', async () => (await import('./commands/version.ts')).addVersion],
  ['apply', async () => (await import('./commands/apply.ts')).addApply],
  ['get', async () => (await import('./commands/get.ts')).addGet],
  ['create', async () => (await import('./commands/create.ts')).addCreate],
  ['reconcile', async () => (await import('./commands/reconcile.ts')).addReconcile],
  ['suspend', async () => (await import('./commands/suspend.ts')).addSuspend],
  ['resume', async () => (await import('./commands/resume.ts')).addResume],
  ['delete', async () => (await import('./commands/delete.ts')).addDelete],
  ['diff', async () => (await import('./commands/diff.ts')).addDiff],
  ['export', async () => (await import('./commands/export.ts')).addExport],
  ['build', async () => (await import('./commands/build.ts')).addBuild],
  ['tree', async () => (await import('./commands/tree.ts')).addTree],
  ['trace', async () => (await import('./commands/trace.ts')).addTrace],
  ['debug', async () => (await import('./commands/debug.ts')).addDebug],
  ['events', async () => (await import('./commands/events.ts')).addEvents],
  ['logs', async () => (await import('./commands/logs.ts')).addLogs],
  ['stats', async () => (await import('./commands/stats.ts')).addStats],
  ['check', async () => (await import('./commands/check.ts')).addCheck],
  ['template', async () => (await import('./commands/template.ts')).addTemplate],
  ['push', async () => (await import('./commands/artifact/push.ts')).addPush],
  ['pull', async () => (await import('./commands/artifact/pull.ts')).addPull],
  ['list', async () => (await import('./commands/artifact/list.ts')).addList],
  ['tag', async () => (await import('./commands/artifact/tag.ts')).addTag],
])

/** The command that `args` begin with; all of them, in the order of the help, when they begin with none. */
export async function commandsFor([word = '']: readonly string[]): Promise<readonly AddCommand[]> {
  const called = commands.get(word)
  return Promise.all(called ? [called()] : Array.from(commands.values(), (load) => load()))
}
