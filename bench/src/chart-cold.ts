// A process of its own for one render: DIRECTORY VALUES... Prints what `helm template rel DIRECTORY -f VALUES` does.
import { readFileSync } from 'node:fs'
import { checkInstallable, loadChartDirectory, renderChart, templateText, userValues } from '@sluice/chart'
import { diskFileTree, hostCompression, nodeCrypto, systemRandom } from '@sluice/host'

const [directory = '.', ...files] = process.argv.slice(2)
const chart = loadChartDirectory(diskFileTree(directory), '', { compression: hostCompression })
checkInstallable(chart)
const rendered = renderChart(chart, {
  release: { name: 'rel', namespace: 'default', isUpgrade: false, isInstall: true, revision: 1 },
  values: userValues({ files }, (path) => readFileSync(path)),
  ports: { clock: { now: () => Date.now() }, random: systemRandom, crypto: nodeCrypto },
})
process.stdout.write(templateText(rendered))
