// Apart from start.cjs because a Node that is too old cannot even parse `import()`.
'use strict'
var path = require('path')
var url = require('url')

/** Runs the bundled program in this process, so that signals and the exit code need no passing on. */
module.exports = function launch(root, args) {
  var program = path.join(root, 'dist/sluice.js')
  process.argv = [process.execPath, program].concat(args)
  void import(url.pathToFileURL(program).href)
}
