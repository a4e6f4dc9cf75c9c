import { describe, expect, test } from 'vitest'
import {
  applyCancels,
  levelChanges,
  levelTrades,
  newFlow,
  passDisplaced,
  passQueue,
  type QueueEstimator,
  queueAhead,
  rememberLevel,
} from '../../../src/adversary/queue.js'

const place = (ahead: bigint, jumped = 0n, displaced = 0n) => ({
  ahead_1e8: ahead,
  jumped_1e8: jumped,
  displaced_1e8: displaced,
})

const aheadAfter = (
  estimator: QueueEstimator,
  ahead: bigint,
  cancelled: bigint,
  shown: bigint,
  lot = 1n,
) => {
  const at = place(ahead)
  applyCancels(at, estimator, { cancelled_1e8: cancelled, shown_1e8: shown, lot_1e8: lot })
  return at.ahead_1e8
}

describe('cancels', () => {
  // 60 ahead of 100 shown, 20 of them cancelled.
  test.each([
    ['optimistic', 40n],
    ['proportional', 48n],
    ['power-law', 45n], // 20 * 60^3 / (60^3 + 40^3) = 15.4, cut down to 15
    ['pessimistic', 60n],
  ] as const)('%s moves 60 ahead to %s', (estimator, ahead) => {
    expect(aheadAfter(estimator, 60n, 20n, 80n)).toBe(ahead)
  })

  test('nobody joins in front, so no estimate exceeds the shown size', () => {
    expect(aheadAfter('pessimistic', 60n, 70n, 30n)).toBe(30n)
  })

  test('shares are cut down to whole lots', () => {
    expect(aheadAfter('proportional', 60n, 20n, 80n, 5n)).toBe(50n)
  })

  test('an empty front stays empty', () => {
    expect(aheadAfter('power-law', 0n, 5n, 5n)).toBe(0n)
  })
})

describe('reconciling trades with levels', () => {
  test('a level that shrinks by what traded lost nothing to cancels', () => {
    const level = rememberLevel(100n)
    levelTrades(level, { qty_1e8: 30n, ts_ns: 5n })
    expect(levelChanges(level, 70n, 5n)).toBe(0n)
    expect(levelChanges(level, 60n, 6n)).toBe(10n)
  })

  test('a level message older than the trade cannot contain it', () => {
    const level = rememberLevel(100n)
    levelTrades(level, { qty_1e8: 30n, ts_ns: 5n })
    expect(levelChanges(level, 90n, 4n)).toBe(10n)
    expect(levelChanges(level, 60n, 5n)).toBe(0n)
  })

  test('a trade told after the level that shows it is no news to the cautious', () => {
    const level = rememberLevel(100n)
    expect(levelChanges(level, 70n, 5n)).toBe(30n)
    const trade = { qty_1e8: 30n, ts_ns: 5n }
    expect(newFlow(level, 'pessimistic', trade)).toBe(0n)
    expect(newFlow(level, 'optimistic', trade)).toBe(30n)
    expect(newFlow(level, 'optimistic', { ...trade, ts_ns: 4n })).toBe(0n)
    levelTrades(level, trade)
    expect(level.credit_1e8).toBe(0n)
    expect(level.pending_1e8).toBe(0n)
  })

  test('a feed that tells levels first settles a tie for everybody', () => {
    const level = rememberLevel(100n)
    levelChanges(level, 70n, 5n)
    const trade = { qty_1e8: 30n, ts_ns: 5n, level_told: true }
    expect(newFlow(level, 'optimistic', trade)).toBe(0n)
    expect(newFlow(level, 'optimistic', { ...trade, qty_1e8: 40n })).toBe(10n)
    expect(newFlow(level, 'optimistic', { ...trade, ts_ns: 6n })).toBe(30n)
  })

  test('a later trade is news to everybody', () => {
    const level = rememberLevel(100n)
    levelChanges(level, 70n, 5n)
    const trade = { qty_1e8: 30n, ts_ns: 6n }
    expect(newFlow(level, 'pessimistic', trade)).toBe(30n)
    levelTrades(level, trade)
    expect(level).toMatchObject({ credit_1e8: 0n, pending_1e8: 30n, pending_ts_ns: 6n })
  })

  test('a late trade larger than what went missing is news by the rest', () => {
    const level = rememberLevel(100n)
    levelChanges(level, 90n, 5n)
    const trade = { qty_1e8: 30n, ts_ns: 5n }
    expect(newFlow(level, 'proportional', trade)).toBe(20n)
    levelTrades(level, trade)
    expect(level.pending_1e8).toBe(20n)
  })
})

describe('flow', () => {
  test('takes what was displaced, then what jumped, then what is ahead, and passes the rest', () => {
    const at = place(10n, 5n, 2n)
    expect(queueAhead(at)).toBe(17n)
    expect(passQueue(at, 4n)).toBe(0n)
    expect(at).toEqual(place(10n, 3n))
    expect(passQueue(at, 15n)).toBe(2n)
    expect(queueAhead(at)).toBe(0n)
  })

  test('beyond the price only what was displaced stands in the way', () => {
    const at = place(10n, 5n, 2n)
    expect(passDisplaced(at, 3n)).toBe(1n)
    expect(at).toEqual(place(10n, 5n))
  })
})
