/** A recording behind the sandbox API: `liquidity: 'replay:FILE'`, and an order at the recorded levels. */
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/sandbox.js'
import { UsageError } from '../../src/server/usage-error.js'
import { caller } from '../support/api-client.js'

const FILE = resolve(
  import.meta.dirname,
  '../../../shared/data/orderbook/kraken/cryptofeed/KRAKEN.ws.50.0.gz',
)

test('a market order fills at exactly the levels the recording shows at that moment', async () => {
  const sandbox = await createSandbox({
    store: 'memory',
    liquidity: `replay:${FILE}`,
    adversary: 'off',
  })
  const { test_key } = sandbox.account()
  const call = caller((path, init) => sandbox.fetch(path, init), test_key)
  const symbol = 'XMR-USD'
  const [listing] = sandbox.desk.resolveSymbol(symbol)?.listings ?? []
  expect(listing?.venue).toBe('kraken')
  const book = () => sandbox.hub.book('kraken', listing?.instrument.venue_symbol ?? '')

  // The recording plays at the pace of the clock, reading as it goes.
  for (let round = 0; round < 200 && (book()?.depth.asks.length ?? 0) < 3; round++) {
    sandbox.manual?.advance(100)
    await sandbox.settle()
  }
  const shown = (book()?.depth.asks ?? []).slice(0, 3).map((level) => ({ ...level }))
  expect(shown).toHaveLength(3)

  const [one, two, three] = shown.map(({ qty_1e8 }) => qty_1e8) as [bigint, bigint, bigint]
  const lot = listing?.instrument.lot_size_1e8 ?? 1n
  const last = (three / 2n / lot) * lot || lot
  const wanted = one + two + last
  const qty = `${wanted / 100_000_000n}.${String(wanted % 100_000_000n).padStart(8, '0')}`
  const body = `{"symbol":"${symbol}","side":"buy","qty":${qty},"venue":"kraken","max_slippage_bps":10000}`
  const placed = await call('POST', '/v1/orders', { body })
  expect(placed.json.nodes[0]).toMatchObject({ status: 'FILLED' })

  const fills = await sandbox.desk.fills(
    { client_id: 'client-1', key_id: '', mode: 'sandbox' },
    { limit: 10 },
  )
  const walked = fills
    .map(({ px_1e9, qty_1e8 }) => ({ price_1e9: px_1e9, qty_1e8 }))
    .sort((a, b) => (a.price_1e9 < b.price_1e9 ? -1 : 1))
  expect(walked).toEqual([shown[0], shown[1], { price_1e9: shown[2]?.price_1e9, qty_1e8: last }])

  // The replayed venue's books are the recording's alone.
  expect(sandbox.venues.get('kraken')?.mock).toBeNull()
  await sandbox.close()
})

test('a file that is no recording is told in words', async () => {
  const opened = createSandbox({ store: 'memory', liquidity: `replay:${import.meta.filename}` })
  await expect(opened).rejects.toThrow(UsageError)
  const absent = createSandbox({ store: 'memory', liquidity: 'replay:/nowhere/at-all.gz' })
  await expect(absent).rejects.toThrow(UsageError)
})
