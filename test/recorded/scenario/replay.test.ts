import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadScenario } from '../../../src/scenario/load.js'
import { failureText, runScenario } from '../../../src/scenario/runner.js'
import { stage } from '../../../src/server/stage.js'

const root = join(import.meta.dirname, '../../..')
const data = join(root, '../shared/data/orderbook')

test.each([
  'binance/hftbacktest/spot_btcusdt_20240808.gz',
  'kraken/cryptofeed/KRAKEN.ws.50.0.gz',
  'coinbase/cryptofeed/COINBASE.ws.28.0.gz',
])('a market order on %s fills at what the recording showed', async (name) => {
  const { scenario } = await loadScenario(join(root, 'scenarios/replay-recording.ts'))
  const given = new Map([['recording', join(data, name)]])
  const once = await runScenario(scenario, { stage, given })
  expect(once.ok ? '' : failureText(once, name)).toBe('')
  const again = await runScenario(scenario, { stage, given })
  expect(again.sha256).toBe(once.sha256)
})

test('a recording of one’s own has to be handed in', async () => {
  const { scenario } = await loadScenario(join(root, 'scenarios/replay-recording.ts'))
  await expect(runScenario(scenario, { stage })).rejects.toThrow('--set recording=FILE')
})
