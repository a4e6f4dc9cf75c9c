/**
 * `npm run fidelity -- [--seeds N] [--probes N] [--steps N] [--without-recordings]`: writes `reports/fidelity.md` and
 * `reports/fidelity.svg`; fails when a true fill lies outside the bounds or profile `worst` promised more
 * than the truth gave.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type RecordedRates, recordedRates } from './recorded.js'
import { markdown, plot } from './report.js'
import { judge, type Probe, probeTruth } from './truth.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '30' },
    probes: { type: 'string', default: '40' },
    steps: { type: 'string', default: '40' },
    'without-recordings': { type: 'boolean', default: false },
  },
})
const [seeds, probes, steps] = [Number(values.seeds), Number(values.probes), Number(values.steps)]

const root = join(import.meta.dirname, '../..')
const data = join(root, '../shared/data/orderbook')

const tried: Record<'shown' | 'traceless', Probe[]> = { shown: [], traceless: [] }
for (const crowd of ['shown', 'traceless'] as const) {
  for (let seed = 1; seed <= seeds; seed += 1) {
    tried[crowd].push(...probeTruth({ seed, crowd, probes, steps }))
  }
}

async function rates(): Promise<RecordedRates[]> {
  if (values['without-recordings'] || !existsSync(data)) return []
  const spot = join(data, 'binance/hftbacktest/spot_btcusdt_20240808.gz')
  const futures = join(data, 'binance/hftbacktest/usdm_btcusdt_20240808.gz')
  const coinbase = join(data, 'coinbase/cryptofeed/COINBASE.ws.28.0.gz')
  return [
    await recordedRates(spot, { name: 'Binance spot BTCUSDT', every_ms: 2_000, horizon_s: 10 }),
    await recordedRates(futures, {
      name: 'Binance futures BTCUSDT',
      every_ms: 2_000,
      horizon_s: 10,
    }),
    await recordedRates(coinbase, {
      name: 'Coinbase, busiest product',
      every_ms: 500,
      horizon_s: 10,
    }),
  ]
}

const shown = judge(tried.shown)
const traceless = judge(tried.traceless)
const text = markdown({ seeds, probes, shown, traceless, recorded: await rates() })
mkdirSync(join(root, 'reports'), { recursive: true })
writeFileSync(join(root, 'reports/fidelity.md'), text)
writeFileSync(join(root, 'reports/fidelity.svg'), plot(shown))
console.log(text)

const outside = tried.shown.filter(
  ({ truth_1e8, filled_1e8 }) => truth_1e8 < filled_1e8.pessimistic || truth_1e8 > filled_1e8.off,
)
for (const probe of outside) console.error('outside the bounds:', probe)
if (outside.length > 0 || shown.optimistic.worst > 0) {
  console.error(`failed: ${outside.length} outside, ${shown.optimistic.worst} optimistic in worst`)
  process.exitCode = 1
}
