// Bundles the program into dist/: one entry, what its worker threads run, lazily loaded chunks. Skipped when no source is newer than the last bundle.
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, 'dist')
const stamp = join(out, '.bundled')
// openpgp is LGPL: it stays a separate, replaceable package. ssh2 loads an optional native addon by path.
const external = ['openpgp', 'ssh2', 'cpu-features']

if (!isFresh()) {
  const { build } = await import('esbuild')
  rmSync(out, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints: {
      sluice: 'apps/cli/src/main.ts',
      // Found by this name beside the program, see `renderWorker`.
      'render-worker': 'controllers/helm/src/releases/render/workers/render-worker.ts',
    },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@sluice/source'],
    external,
    minifyWhitespace: true,
    sourcemap: 'linked',
    logLevel: 'warning',
    // CommonJS packages inside an ES module bundle still ask for require.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  writeFileSync(stamp, '')
}

function isFresh(): boolean {
  if (!existsSync(stamp)) return false
  const bundled = statSync(stamp).mtimeMs
  const sources = ['engines', 'platform', 'controllers', 'apps'].flatMap((dir) =>
    readdirSync(join(root, dir)).map((name) => join(root, dir, name, 'src')),
  )
  return (
    statSync(join(root, 'package-lock.json')).mtimeMs < bundled &&
    sources.every((dir) => !existsSync(dir) || newest(dir) < bundled)
  )
}

function newest(dir: string): number {
  let time = statSync(dir).mtimeMs
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  }
  return time
}
