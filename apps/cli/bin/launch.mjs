import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const program = new URL('../../../dist/sluice.js', import.meta.url)

/** Loads the bundle into this process. Its command line is this process's. */
export async function launch() {
  if (existsSync(program)) {
    await import(program.href)
    return
  }
  process.stderr.write(
    `✗ ${fileURLToPath(program)} is missing\n  build it with \`npm run bundle\` (npm start does it by itself)\n`,
  )
  process.exitCode = 1
}
