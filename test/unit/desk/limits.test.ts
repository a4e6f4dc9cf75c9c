/** Limits a desk is configured with: position, loss of the day, deviation. */
import { afterEach, describe, expect, test } from 'vitest'
import type { OrderIntent } from '../../../src/desk/contract.js'
import type { DeskLimits } from '../../../src/engine/guards.js'
import { memoryStore } from '../../../src/store/memory.js'
import { manualClock } from '../../../src/world/clock.js'
import { intent, openDesk, type TestDesk, tester, UNIT, USD } from '../../support/desk.js'

const who = tester()
const open: TestDesk[] = []
afterEach(async () => {
  for (const desk of open.splice(0)) await desk.close()
})

async function start(
  limits: Partial<DeskLimits>,
  options: Parameters<typeof openDesk>[0] = {},
): Promise<TestDesk> {
  const desk = await openDesk({ ...options, desk: { limits } })
  open.push(desk)
  return desk
}

async function answer(desk: TestDesk, change: Partial<OrderIntent>): Promise<string> {
  const { nodes } = await desk.desk.submit(who, { ...intent({}), ...change })
  return nodes[0]?.failure_message ?? nodes[0]?.status ?? 'nothing'
}

/** Buys at 100 and sells at `price`, one unit each; fees are 40 bps. */
async function roundTrip(desk: TestDesk, price: number): Promise<string[]> {
  desk.book('alpha', 'BTC-USD', [[99, 5]], [[100, 5]])
  const bought = await answer(desk, { side: 'buy', qty_1e8: UNIT })
  desk.book('alpha', 'BTC-USD', [[price, 5]], [[101, 5]])
  return [bought, await answer(desk, { side: 'sell', qty_1e8: UNIT })]
}

describe('position limit', () => {
  test('refuses what would go beyond it, and never the way back', async () => {
    const desk = await start({ position_qty_1e8_max: 2n * UNIT })
    desk.book('alpha', 'BTC-USD', [[99, 5]], [[100, 5]])
    expect(await answer(desk, { side: 'buy', qty_1e8: 2n * UNIT })).toBe('FILLED')
    expect(await answer(desk, { side: 'buy', qty_1e8: UNIT / 1000n })).toBe(
      'position limit exceeded',
    )
    expect(await answer(desk, { side: 'sell', qty_1e8: UNIT })).toBe('FILLED')
    desk.book('alpha', 'BTC-USD', [[99, 5]], [[100, 6]])
    expect(await answer(desk, { side: 'buy', qty_1e8: UNIT })).toBe('FILLED')
  })

  test('holds an amendment to what is still to fill', async () => {
    const desk = await start({ position_qty_1e8_max: 2n * UNIT })
    desk.book('alpha', 'BTC-USD', [[99, 5]], [[100, 1]])
    const graph = await desk.desk.submit(who, {
      ...intent({}),
      side: 'buy',
      qty_1e8: 2n * UNIT,
      limit_price_1e9: 100n * USD,
    })
    const id = graph.nodes[0]?.node_order_id ?? ''
    await expect(desk.desk.amend(who, id, { new_qty_1e8: 3n * UNIT })).rejects.toThrow(
      'position limit exceeded',
    )
    await desk.desk.amend(who, id, { new_price_1e9: 98n * USD })
  })
})

describe('daily loss limit', () => {
  const limits = { daily_loss_usd_1e9_max: 20n * USD }

  test('stops at the loss, fees included, and begins anew at midnight UTC', async () => {
    const desk = await start(limits)
    // Loses 10 and two fees of 0.40 and 0.36.
    expect(await roundTrip(desk, 90)).toEqual(['FILLED', 'FILLED'])
    expect(await roundTrip(desk, 90)).toEqual(['FILLED', 'FILLED'])
    expect(await roundTrip(desk, 90)).toEqual([
      'daily loss limit reached',
      'daily loss limit reached',
    ])
    desk.clock.advance(86_400_000)
    expect((await roundTrip(desk, 90))[0]).toBe('FILLED')
  })

  test('survives a restart', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const first = await openDesk({ store, clock, desk: { limits } })
    await roundTrip(first, 79)
    await first.desk.close()
    const second = await start(limits, { store, clock })
    expect((await roundTrip(second, 79))[0]).toBe('daily loss limit reached')
  })

  test('a reset begins a session anew', async () => {
    const desk = await start(limits)
    await roundTrip(desk, 79)
    expect((await roundTrip(desk, 79))[0]).toBe('daily loss limit reached')
    await desk.desk.reset(who)
    expect((await roundTrip(desk, 79))[0]).toBe('FILLED')
  })
})

test('the deviation limit can be moved and lifted', async () => {
  const far = { side: 'buy', qty_1e8: UNIT, limit_price_1e9: 200n * USD } as const
  for (const [limit, words] of [
    [null, 'FILLED'],
    [10_000n, 'FILLED'],
    [9_999n, 'limit price deviates 10000 bps from best ask'],
  ] as const) {
    const desk = await start({ price_deviation_bps_max: limit })
    desk.book('alpha', 'BTC-USD', [[99, 5]], [[100, 5]])
    expect(await answer(desk, far)).toBe(words)
  }
})
