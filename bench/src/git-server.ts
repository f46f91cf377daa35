// A Git server in a process of its own, so that its work is not counted as the client's. Argument: the root directory.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { directoryUnder, gitHttpHandler } from '@sluice/git'

const [root = ''] = process.argv.slice(2)
const handler = gitHttpHandler({
  locate: (path) => directoryUnder(root, `${path}/.git`),
  authorize: () => 'write',
})
const server = createServer(handler)
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.on('disconnect', () => process.exit(0))
