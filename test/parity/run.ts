/**
 * `npm run parity -- --orders 100000 --seed 1 [--venue kraken]`, or `-- --replay '<story>'`.
 *
 * Ends with status 1 when any law was broken.
 */
import { parseArgs } from 'node:util'
import { venues } from '../../venues/index.js'
import { parity, replay, reportText } from './parity.js'

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    venue: { type: 'string' },
    replay: { type: 'string' },
  },
})

const seed = whole('seed', values.seed)
const chosen = values.venue === undefined ? venues : venues.filter(({ id }) => id === values.venue)
if (chosen.length === 0) throw new Error(`no venue is called ${values.venue}.`)

if (values.replay !== undefined) {
  const { found, told } = await replay(venues, values.replay, seed)
  for (const [path, { story }] of told) {
    console.log(path)
    for (const each of [...story.orders, story.holdings]) {
      console.log(
        ' ',
        JSON.stringify(each, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
      )
    }
  }
  for (const { path, difference } of found) console.log(path, difference)
  process.exitCode = found.length === 0 ? 0 : 1
} else {
  const started = performance.now()
  let shown = started
  const report = await parity({
    venues: chosen,
    orders: whole('orders', values.orders),
    seed,
    onProgress: ({ venue, orders, stories }) => {
      if (performance.now() - shown < 10_000) return
      shown = performance.now()
      console.error(`${venue}: ${orders} orders, ${stories} stories`)
    },
  })
  console.log(reportText(report))
  const seconds = (performance.now() - started) / 1000
  console.log(`\n${seconds.toFixed(1)} s, ${Math.round(report.orders / seconds)} orders a second`)
  process.exitCode = report.counterexamples.size === 0 ? 0 : 1
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`--${name} is ${text}; a whole number is expected.`)
}
