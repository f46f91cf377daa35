// npm start: from a clean clone to a running toolkit. Arguments go to `sluice up`.
'use strict'
var prepare = require('./prepare.cjs')

prepare.requireNode()
prepare.installPackages()
prepare.bundle()
require('./launch.cjs')(prepare.root, ['up'].concat(process.argv.slice(2)))
