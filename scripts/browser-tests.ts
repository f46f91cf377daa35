// Runs the tests of the engines in headless Chromium, since engines are for browsers too. Prints `N passed, N failed`.
// The Chromium is the one that CHROMIUM names, else an installed one; without any there is nothing to run.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Browser, chromium } from 'playwright-core'
import type { Outcome } from './browser/vitest.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const origin = 'http://engines.invalid'

const executablePath = process.env['CHROMIUM'] ?? installed.find((path) => existsSync(path))
if (executablePath === undefined) {
  console.log('no Chromium is installed: skipped')
} else {
  // Chromium has no sandbox where the user is root, as in containers. The pages are our own.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    process.exitCode = (await runAll(browser)) ? 0 : 1
  } finally {
    await browser.close()
  }
}

async function runAll(browser: Browser): Promise<boolean> {
  let passed = 0
  let failed = 0
  for (const engine of readdirSync(join(root, 'engines'))) {
    const files = testFiles(join(root, 'engines', engine, 'src'))
    if (files.length === 0) continue
    const outcome = await run(browser, await bundle(files))
    console.log(`${engine}: ${outcome.passed} passed, ${outcome.failures.length} failed`)
    for (const failure of outcome.failures) console.log(`✗ ${failure}`)
    passed += outcome.passed
    failed += outcome.failures.length
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0
}

function testFiles(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join(dir, path))
}

/** One script for a page, which leaves the outcome of its tests in `outcome`. */
async function bundle(files: readonly string[]): Promise<string> {
  const shim = join(root, 'scripts/browser/vitest.ts')
  const { outputFiles } = await build({
    stdin: {
      contents: [
        ...files.map((file) => `import ${JSON.stringify(file)}`),
        `import { runTests } from ${JSON.stringify(shim)}`,
        'globalThis.outcome = runTests()',
      ].join('\n'),
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['@sluice/source'],
    alias: { vitest: shim },
    // A test file exports nothing: a package without side effects would lose it.
    ignoreAnnotations: true,
    logLevel: 'warning',
  })
  return outputFiles[0]?.text ?? ''
}

async function run(browser: Browser, script: string): Promise<Outcome> {
  const page = await browser.newPage()
  const broken: string[] = []
  page.on('pageerror', (error) => broken.push(String(error.stack ?? error)))
  await page.route(`${origin}/**`, (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.fulfill({ contentType: 'text/html', body: '<script type="module" src="tests.js"></script>' }),
  )
  await page.goto(`${origin}/`)
  const outcome = await page.evaluate<Outcome | undefined>('globalThis.outcome')
  await page.close()
  return outcome ?? { passed: 0, failures: broken }
}
