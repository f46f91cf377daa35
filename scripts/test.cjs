// npm test: from a clean clone to `N passed, N failed`: types, layers, lint, all tests, the recorded conformance cases.
'use strict'
var childProcess = require('child_process')
var fs = require('fs')
var path = require('path')
var prepare = require('./prepare.cjs')

prepare.requireNode()
prepare.installPackages()
prepare.run(process.execPath, ['--import', 'tsx', 'scripts/install-tools.ts'])
prepare.bundle()

var passed = 0
var failed = 0
step('types', 'npm', ['run', '--silent', 'build'])
step('layers', 'npm', ['run', '--silent', 'layers'])
step('lint', 'npm', ['run', '--silent', 'lint'])
tests()
conformance()
console.log(passed + ' passed, ' + failed + ' failed')
process.exitCode = failed > 0 ? 1 : 0

function step(name, command, args) {
  console.log('► ' + name)
  count(spawn(command, args).status === 0 ? 1 : 0, 1)
}

function tests() {
  console.log('► tests')
  var report = path.join(prepare.root, 'node_modules/.cache/vitest-report.json')
  fs.mkdirSync(path.dirname(report), { recursive: true })
  fs.rmSync(report, { force: true })
  var result = spawn('npx', [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    '--outputFile.json=' + report,
  ])
  var counts = fs.existsSync(report)
    ? JSON.parse(fs.readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0 }
  var broken = counts.numFailedTests
  // A file that cannot be loaded fails the run without failing a test.
  if (result.status !== 0 && broken === 0) broken = 1
  passed += counts.numPassedTests
  failed += broken
}

function conformance() {
  console.log('► conformance')
  var result = spawn('npm', ['run', '--silent', 'conformance', '--', 'all', '--ratchet'])
  count(result.status === 0 ? 1 : 0, 1)
}

function count(good, all) {
  passed += good
  failed += all - good
}

function spawn(command, args) {
  return childProcess.spawnSync(command, args, {
    cwd: prepare.root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}
