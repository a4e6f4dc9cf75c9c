/** Each adversary on its own, as a function and at work in the simulator. */
import { describe, expect, test } from 'vitest'
import { fadeLevel } from '../../../src/adversary/fade.js'
import { delayOf } from '../../../src/adversary/latency.js'
import { shareOf } from '../../../src/adversary/partial-fill.js'
import { canFill } from '../../../src/adversary/pick-off.js'
import {
  off,
  type Profile,
  profiles,
  realistic,
  referenceOf,
} from '../../../src/adversary/profile.js'
import { jumpedAhead } from '../../../src/adversary/queue-jump.js'
import { ShadowDepth } from '../../../src/adversary/shadow-depth.js'
import { FlowMemory } from '../../../src/adversary/toxic-flow.js'
import { seededStream } from '../../../src/world/prng.js'
import {
  book,
  child,
  fillsOf,
  Q,
  SYMBOL,
  simSetup,
  typesOf,
  VENUE,
} from '../../support/sim-world.js'

const depth = book(
  [
    [99, 2],
    [98, 3],
  ],
  [
    [100, 2],
    [101, 4],
  ],
)
const alone = (part: Partial<Profile>): Profile => ({ ...off, ...part, name: 'alone' })

describe('profiles', () => {
  test('every adversary is held below the same book without it', () => {
    expect(referenceOf(off)).toBeNull()
    expect(referenceOf(realistic)).toEqual(off)
    expect(referenceOf(profiles.worst)).toEqual(off)
    expect(referenceOf(alone({ queue: 'pessimistic', ceiling: 'none' }))).toBeNull()
  })

  test('shadow depth is the reference’s too: how makers refill is a statement about the market', () => {
    expect(referenceOf(alone({ shadow: { keep_pct: 50 } }))).toBeNull()
    expect(referenceOf({ ...profiles.worst, shadow: null })).toEqual({ ...off, shadow: null })
  })
})

describe('latency', () => {
  test('is the venue’s share, rounded up, plus a jitter inside its bounds', () => {
    const random = seededStream(1, 'latency')
    expect(delayOf({ scale_pct: 150, jitter_ms_max: 0 }, 41, random)).toBe(62)
    for (let draw = 0; draw < 100; draw += 1) {
      const delay = delayOf({ scale_pct: 100, jitter_ms_max: 10 }, 40, random)
      expect(delay).toBeGreaterThanOrEqual(40)
      expect(delay).toBeLessThanOrEqual(50)
    }
  })

  const slow = alone({ latency: { scale_pct: 100, jitter_ms_max: 0 } })

  test('an order meets the book of its arrival', async () => {
    const { sim, clock, set, events } = simSetup({ depth, profile: slow })
    const answered = sim.submit(child('buy', 3, null))
    expect(events).toEqual([])
    clock.advance(20)
    set('sell', 100, 0)
    clock.advance(20)
    await answered
    expect(fillsOf(events)).toEqual(['101 x 3 taker'])
  })

  test('a better book on arrival is no gift', () => {
    const { sim, clock, set, events } = simSetup({ depth, profile: slow })
    sim.submit(child('buy', 2, null))
    set('sell', 99.5, 9)
    clock.advance(40)
    expect(fillsOf(events)).toEqual(['100 x 2 taker'])
  })

  test('a cancel travels too, and never overtakes its order', () => {
    const { sim, clock, hub, events } = simSetup({
      profile: alone({ latency: { scale_pct: 100, jitter_ms_max: 40 } }),
    })
    for (let nth = 0; nth < 20; nth += 1) {
      hub.publish(VENUE, SYMBOL, depth)
      const order = child('buy', 1, 98)
      events.length = 0
      sim.submit(order)
      sim.cancel(order.child_id)
      clock.advance(200)
      expect(typesOf(events)).toEqual(['acked', 'cancelled requested'])
    }
  })

  test('a book that went stale on the way refuses the order', () => {
    const { sim, clock, feed, events } = simSetup({ depth, profile: slow })
    sim.submit(child('buy', 1, null))
    feed.lost(SYMBOL, 'gap')
    clock.advance(40)
    expect(typesOf(events)).toEqual(['rejected stale-book'])
  })
})

describe('shadow depth', () => {
  test('without adversaries nothing is taken twice', () => {
    const { submit, set } = simSetup({ depth, profile: off })
    expect(fillsOf(submit(child('buy', 2, null)))).toEqual(['100 x 2 taker'])
    set('sell', 100, 3)
    expect(fillsOf(submit(child('buy', 2, null)))).toEqual(['100 x 1 taker', '101 x 1 taker'])
  })

  const shadowed = alone({ shadow: { keep_pct: 50 } })

  test('what was eaten stays eaten until the level is published anew, then half of it', () => {
    const { submit, set, hub } = simSetup({ depth, profile: shadowed })
    expect(fillsOf(submit(child('buy', 2, null)))).toEqual(['100 x 2 taker'])
    expect(fillsOf(submit(child('buy', 1, null)))).toEqual(['101 x 1 taker'])
    hub.publish(VENUE, SYMBOL, depth)
    expect(fillsOf(submit(child('buy', 1, null)))).toEqual(['101 x 1 taker'])
    set('sell', 100, 3)
    expect(fillsOf(submit(child('buy', 3, null)))).toEqual(['100 x 2 taker', '101 x 1 taker'])
  })

  test('one client’s eating is invisible to another', () => {
    const { submit } = simSetup({ depth, profile: shadowed })
    submit(child('buy', 2, null))
    const other = child('buy', 1, null, { client_id: 'other' })
    expect(fillsOf(submit(other))).toEqual(['100 x 1 taker'])
  })

  test('decays upwards to whole units, never beyond what is shown, and is forgotten at nothing', () => {
    const shadow = new ShadowDepth({ keep_pct: 50 })
    shadow.eat('a', 'sell', { price_1e9: 7n, qty_1e8: 5n, shown_1e8: 9n })
    shadow.published('sell', 7n, 9n)
    expect(shadow.eaten('a', 'sell', 7n)).toBe(5n)
    shadow.published('sell', 7n, 8n)
    expect(shadow.eaten('a', 'sell', 7n)).toBe(3n)
    shadow.published('sell', 7n, 1n)
    expect(shadow.eaten('a', 'sell', 7n)).toBe(1n)
    shadow.republished(() => 0n)
    expect(shadow.eaten('a', 'sell', 7n)).toBe(0n)
    expect(shadow.touched('sell', 7n)).toBe(false)
  })

  test('a copy goes its own way', () => {
    const shadow = new ShadowDepth({ keep_pct: 100 })
    shadow.eat('a', 'sell', { price_1e9: 7n, qty_1e8: 5n, shown_1e8: 9n })
    const copy = shadow.copy()
    shadow.published('sell', 7n, 0n)
    expect(copy.eaten('a', 'sell', 7n)).toBe(5n)
  })

  test('a share outside 0 to 100 is misuse', () => {
    expect(() => new ShadowDepth({ keep_pct: 101 })).toThrow(RangeError)
  })
})

describe('queue', () => {
  const filledAfterCancel = (queue: Profile['queue']) => {
    const { submit, clock, set, trade, events } = simSetup({ depth, profile: alone({ queue }) })
    submit(child('buy', 5, 99))
    set('buy', 99, 6) // 4 join behind us
    set('buy', 99, 3) // 3 cancel somewhere
    clock.advance(1)
    trade('sell', 99, 3)
    return fillsOf(events)
  }

  test('the estimators differ in where cancels were', () => {
    expect(filledAfterCancel('optimistic')).toEqual(['99 x 3 maker'])
    expect(filledAfterCancel('proportional')).toEqual(['99 x 2 maker'])
    expect(filledAfterCancel('power-law')).toEqual(['99 x 1.33 maker']) // 3 * 2^3 / (2^3 + 4^3) = 0.33
    expect(filledAfterCancel('pessimistic')).toEqual(['99 x 1 maker'])
  })
})

describe('pick-off', () => {
  test('touch fills on any approach and through only beyond the price', () => {
    const approaches = ['trade-at', 'trade-through', 'quote-at', 'quote-through'] as const
    expect(approaches.filter((each) => canFill(null, each))).toHaveLength(4)
    expect(approaches.filter((each) => canFill({ fills_on: 'touch' }, each))).toHaveLength(4)
    expect(approaches.filter((each) => canFill({ fills_on: 'through' }, each))).toEqual([
      'trade-through',
      'quote-through',
    ])
  })

  test('a resting order fills only when the market moves through it', () => {
    const profile = alone({ pickOff: { fills_on: 'through' } })
    const { submit, trade, set, events } = simSetup({ depth, profile })
    submit(child('buy', 1, 99))
    trade('sell', 99, 9)
    set('buy', 99, 0)
    set('sell', 99, 1)
    expect(fillsOf(events)).toEqual([])
    set('sell', 98.5, 1)
    expect(fillsOf(events)).toEqual(['99 x 1 maker'])
  })
})

describe('partial fill', () => {
  test('rounds the share down', () => {
    expect(shareOf({ share_pct: 50 }, 5n)).toBe(2n)
  })

  test('takes a part of every level and of every flow', () => {
    const { submit, trade, events } = simSetup({
      depth,
      profile: alone({ partial: { share_pct: 50 } }),
    })
    submit(child('buy', 3, null))
    submit(child('buy', 2, 98.5))
    trade('sell', 98.5, 1)
    expect(fillsOf(events)).toEqual(['100 x 1 taker', '101 x 2 taker', '98.5 x 0.5 maker'])
  })
})

describe('fade', () => {
  test('rounds what is pulled up', () => {
    const random = seededStream(1, 'fade')
    expect(fadeLevel({ pull_pct_min: 10, pull_pct_max: 10 }, 25n, random)).toBe(22n)
    expect(fadeLevel({ pull_pct_min: 100, pull_pct_max: 100 }, 25n, random)).toBe(0n)
    for (let draw = 0; draw < 50; draw += 1) {
      const left = fadeLevel({ pull_pct_min: 20, pull_pct_max: 60 }, 1_000n, random)
      expect(left >= 400n && left <= 800n).toBe(true)
    }
  })

  test('the walk goes deeper', () => {
    const fade = { pull_pct_min: 50, pull_pct_max: 50 }
    const { submit } = simSetup({ depth, profile: alone({ fade }) })
    expect(fillsOf(submit(child('buy', 2, null)))).toEqual(['100 x 1 taker', '101 x 1 taker'])
  })
})

describe('queue jump', () => {
  test('adds at least a lot, rounded up', () => {
    expect(jumpedAhead({ jump_pct: 20 }, 100n, 10n)).toBe(20n)
    expect(jumpedAhead({ jump_pct: 20 }, 101n, 10n)).toBe(30n)
    expect(jumpedAhead({ jump_pct: 20 }, 0n, 10n)).toBe(10n)
  })

  test('what jumped trades first', () => {
    const { submit, trade, events } = simSetup({
      depth,
      profile: alone({ queueJump: { jump_pct: 50 } }),
    })
    submit(child('buy', 1, 99))
    trade('sell', 99, 2.5)
    expect(fillsOf(events)).toEqual([])
  })

  test('what jumped does not protect an order the market moves through', () => {
    const { submit, trade, events } = simSetup({
      depth,
      profile: alone({ queueJump: { jump_pct: 50 } }),
    })
    submit(child('buy', 1, 99))
    trade('sell', 98, 1)
    expect(fillsOf(events)).toEqual(['99 x 1 maker'])
  })
})

describe('toxic flow', () => {
  test('the score is the share of recent size that hit the same side', () => {
    const memory = new FlowMemory({ skip_pct_max: 50, window: 2 })
    expect(memory.score_pct('sell')).toBe(100)
    memory.traded('buy', 100n)
    memory.traded('sell', 1n)
    memory.traded('sell', 3n)
    expect(memory.score_pct('sell')).toBe(100)
    memory.traded('buy', 1n)
    expect(memory.score_pct('sell')).toBe(75)
  })

  test('flow that runs one way always arrives, harmless flow passes by with the stated chance', () => {
    const random = seededStream(3, 'toxic')
    const oneWay = new FlowMemory({ skip_pct_max: 100, window: 5 })
    oneWay.traded('sell', 1n)
    const harmless = new FlowMemory({ skip_pct_max: 30, window: 5 })
    harmless.traded('buy', 1n)
    let skipped = 0
    for (let draw = 0; draw < 10_000; draw += 1) {
      expect(oneWay.skips('sell', random)).toBe(false)
      if (harmless.skips('sell', random)) skipped += 1
    }
    expect(skipped).toBeGreaterThan(2_800)
    expect(skipped).toBeLessThan(3_200)
  })

  test('a skipped fill leaves the order first in its queue', () => {
    const profile = alone({ toxic: { skip_pct_max: 100, window: 3 } })
    const { submit, trade, events } = simSetup({ depth: book([[98, 1]], [[102, 1]]), profile })
    submit(child('buy', 1, 99))
    // Sells meet a market that was bought: the first pass by, until the selling is all there is.
    for (const _ of [1, 2, 3]) trade('buy', 102, 1_000)
    trade('sell', 99, 0.5)
    const missed = fillsOf(events).length === 0
    for (const _ of [1, 2, 3]) trade('sell', 99, 0.01)
    trade('sell', 99, 0.5)
    expect(missed).toBe(true)
    expect(fillsOf(events).length).toBeGreaterThan(0)
  })

  test('a copy remembers on its own', () => {
    const memory = new FlowMemory({ skip_pct_max: 50, window: 2 })
    memory.traded('buy', 1n)
    const copy = memory.copy()
    memory.traded('sell', 1n)
    expect(copy.score_pct('buy')).toBe(100)
    expect(memory.score_pct('buy')).toBe(50)
  })
})

test('under adversaries a maker that would have been a taker pays as a taker', () => {
  const late = alone({ latency: { scale_pct: 100, jitter_ms_max: 0 } })
  const { sim, set, clock, events } = simSetup({ depth, profile: late })
  const order = child('buy', 1, 100)
  sim.submit(order)
  set('sell', 100, 0)
  clock.advance(500)
  expect(fillsOf(events, order.child_id)).toEqual([])
  set('sell', 100, 5)
  expect(fillsOf(events, order.child_id)).toEqual(['100 x 1 taker'])
  expect(events.at(-1)).toMatchObject({ fee_1e8: (100n * Q * 40n) / 10_000n })
})
