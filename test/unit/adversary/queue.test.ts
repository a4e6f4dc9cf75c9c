import { describe, expect, test } from 'vitest'
import {
  applyCancels,
  joinQueue,
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
  ...joinQueue(ahead, jumped),
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
  applyCancels(at, estimator, { cancelled_1e8: cancelled, shown_1e8: shown, first: true }, lot)
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
    expect(levelChanges(level, 70n, 5n).cancelled_1e8).toBe(0n)
    expect(levelChanges(level, 60n, 6n).cancelled_1e8).toBe(10n)
  })

  test('a level message older than the trade cannot contain it', () => {
    const level = rememberLevel(100n)
    levelTrades(level, { qty_1e8: 30n, ts_ns: 5n })
    expect(levelChanges(level, 90n, 4n).cancelled_1e8).toBe(10n)
    expect(levelChanges(level, 60n, 5n).cancelled_1e8).toBe(0n)
  })

  /** A level of 100 with us at `ahead`, after each new size in turn; then a trade's news. */
  const newsAfter = (
    estimator: QueueEstimator,
    ahead: bigint,
    sizes: readonly bigint[],
    trade: { qty_1e8: bigint; ts_ns: bigint; level_told?: boolean },
  ) => {
    const level = rememberLevel(100n)
    const at = joinQueue(ahead)
    for (const size of sizes) applyCancels(at, estimator, levelChanges(level, size, 5n), 1n)
    const news = newFlow(level, at, estimator, trade)
    levelTrades(level, trade)
    passQueue(at, news)
    return { news, ahead: at.ahead_1e8, level }
  }
  const late = { qty_1e8: 30n, ts_ns: 5n }

  test('a fall that a trade explains afterwards moves the queue by the trade, once', () => {
    for (const estimator of ['pessimistic', 'power-law', 'proportional'] as const) {
      expect(newsAfter(estimator, 100n, [70n], late)).toMatchObject({ news: 0n, ahead: 70n })
      expect(newsAfter(estimator, 50n, [70n], late)).toMatchObject({ ahead: 20n })
    }
    expect(newsAfter('pessimistic', 50n, [70n], late).news).toBe(30n)
    expect(newsAfter('proportional', 50n, [70n], late).news).toBe(15n)
    const { level } = newsAfter('pessimistic', 50n, [70n], late)
    expect(level).toMatchObject({ credit_1e8: 0n, credit_last_1e8: 0n, pending_1e8: 0n })
  })

  test('what a told trade finds nobody ahead for reaches the order', () => {
    expect(newsAfter('pessimistic', 0n, [70n], late).news).toBe(30n)
    expect(newsAfter('pessimistic', 10n, [70n], late)).toMatchObject({ news: 30n, ahead: 0n })
  })

  test('a tie counts in full for the optimistic, unless its feed tells levels first', () => {
    expect(newsAfter('optimistic', 100n, [70n], late).news).toBe(30n)
    expect(newsAfter('optimistic', 100n, [70n], { ...late, ts_ns: 4n }).news).toBe(0n)
    const told = { ...late, level_told: true }
    expect(newsAfter('optimistic', 100n, [70n], told).news).toBe(0n)
    expect(newsAfter('optimistic', 100n, [70n], { ...told, qty_1e8: 40n }).news).toBe(10n)
    expect(newsAfter('optimistic', 100n, [70n], { ...told, ts_ns: 6n }).news).toBe(30n)
  })

  test('where levels are told first a trade explains the newest fall, not an older cancel', () => {
    const told = { ...late, qty_1e8: 10n, level_told: true }
    // 20 ahead are cancelled, then 10 of those behind us trade: our turn.
    expect(newsAfter('optimistic', 20n, [80n, 70n], told)).toMatchObject({ news: 10n, ahead: 0n })
    // Without the promise the trade may be the older fall's.
    const loose = { ...told, level_told: false, ts_ns: 4n }
    expect(newsAfter('optimistic', 20n, [80n, 70n], loose).news).toBe(0n)
  })

  test('a new quote between does not lend its fall to an older one', () => {
    const told = { ...late, qty_1e8: 10n, level_told: true }
    expect(newsAfter('optimistic', 0n, [110n, 100n], told).news).toBe(10n)
  })

  test('a later trade is news to everybody', () => {
    const { news, level } = newsAfter('pessimistic', 100n, [70n], { ...late, ts_ns: 6n })
    expect(news).toBe(30n)
    expect(level).toMatchObject({ credit_1e8: 0n, pending_1e8: 30n, pending_ts_ns: 6n })
  })

  test('a late trade larger than what went missing is news by the rest', () => {
    const { news, level } = newsAfter('proportional', 100n, [90n], late)
    expect(news).toBe(20n)
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
