// Shared by start and test. Plain old JavaScript without dependencies: it also runs on a Node that is too old, to say so.
'use strict'
var childProcess = require('child_process')
var fs = require('fs')
var path = require('path')

var root = path.join(__dirname, '..')

/** Ends the process with one clear line when this Node is older than package.json asks for. */
exports.requireNode = function requireNode() {
  var wanted = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).engines.node.replace(
    '>=',
    '',
  )
  if (!isAtLeast(process.versions.node, wanted)) {
    console.error(
      '✗ Sluice needs Node.js ' +
        wanted +
        ' or newer; this is ' +
        process.versions.node +
        ' (' +
        process.execPath +
        ')',
    )
    process.exit(1)
  }
}

/** Installs the packages when they are absent or older than the lock file. */
exports.installPackages = function installPackages() {
  var installed = modified(path.join(root, 'node_modules/.package-lock.json'))
  if (installed >= modified(path.join(root, 'package-lock.json'))) return
  console.log('► installing packages (once, about 20 seconds)')
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** Bundles the program into dist/ when a source file is newer. */
exports.bundle = function bundle() {
  run(process.execPath, ['--import', 'tsx', 'scripts/bundle.ts'])
}

exports.run = run
exports.root = root

function run(command, args) {
  var result = childProcess.spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (result.error) {
    console.error('✗ cannot run ' + command + ': ' + result.error.message)
    process.exit(1)
  }
  if (result.status !== 0) process.exit(result.status || 1)
}

function modified(file) {
  try {
    return fs.statSync(file).mtimeMs
  } catch (error) {
    if (error.code === 'ENOENT') return 0
    throw error
  }
}

function isAtLeast(version, wanted) {
  var have = version.split('.').map(Number)
  var need = wanted.split('.').map(Number)
  for (var i = 0; i < need.length; i += 1) {
    if ((have[i] || 0) !== need[i]) return (have[i] || 0) > need[i]
  }
  return true
}
