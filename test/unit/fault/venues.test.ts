/**
 * Every fault on the wires of both venues: REST and WebSocket, for everyone and for one account, on the
 * clock and by match. The table in src/fault/README.md says what is promised; this holds it.
 */
import { describe, expect, test } from 'vitest'
import type { FaultInput } from '../../../src/fault/kinds.js'
import { type Client, type FaultyWire, faultyWire } from '../../support/faulty-wire.js'

type Plan = FaultInput extends infer F ? (F extends unknown ? Omit<F, 'venue'> : never) : never

/** What became of an order: whether the client got a good answer, and whether the venue has it. */
async function fate(wire: FaultyWire, client: Client, nth: number) {
  const before = wire.resting(client)
  const answer = await wire.place(client, nth).then(
    ({ ok, status, text }) => (ok ? 'good' : `${status} ${text}`),
    (error: Error & { cause?: { code?: string } }) => `broke ${error.cause?.code}`,
  )
  return { answer, placed: wire.resting(client) - before }
}

/** Lets a call under a waiting fault go on: time passes until it is done. */
async function passing<T>(wire: FaultyWire, work: Promise<T>): Promise<{ value: T; ms: number }> {
  const start = wire.clock.now_ms()
  const done: { value?: T; is: boolean } = { is: false }
  work.then((value) => Object.assign(done, { value, is: true }))
  for (let step = 0; step < 1_000 && !done.is; step += 1) {
    await wire.settle()
    if (!done.is) wire.clock.advance(10)
  }
  return { value: done.value as T, ms: wire.clock.now_ms() - start }
}

describe.each(['kalshi', 'kraken'] as const)('%s', (id) => {
  const set = (wire: FaultyWire, fault: Plan): string =>
    wire.plan.inject({ ...fault, venue: id } as FaultInput)
  const create = { action: 'create-order', nth: 2 } as const
  const own = {
    kalshi: {
      throttled: /^429 .*too many requests/,
      busy: /exchange_unavailable/,
      closed: /exchange_is_paused/,
    },
    kraken: {
      throttled: /EAPI:Rate limit exceeded/,
      busy: /EService:Busy/,
      closed: /EService:Unavailable/,
    },
  }[id]

  describe('REST', () => {
    test.each<[Plan, string | RegExp, number]>([
      [{ type: 'lost-request', match: create }, 'broke ECONNRESET', 0],
      [{ type: 'lost-ack', match: create }, 'broke ECONNRESET', 1],
      [{ type: 'duplicate-request', match: create }, 'good', id === 'kalshi' ? 2 : 1],
      [{ type: 'throttle', match: create }, own.throttled, 0],
      [{ type: 'server-error', match: create }, own.busy, 0],
      [{ type: 'server-error', status: 502, match: create }, /^502 $/, 0],
      [{ type: 'server-error', status: 504, acts: 'yes', match: create }, /^504 $/, 1],
      [{ type: 'maintenance', match: create }, own.closed, 0],
      [{ type: 'outage', part: 'orders', match: create }, own.busy, 0],
      [{ type: 'outage', part: 'rest', match: create }, 'broke ECONNREFUSED', 0],
    ])('%j hits the second order alone', async (fault, answer, placed) => {
      const wire = faultyWire(id)
      const client = wire.client('alice')
      set(wire, fault)
      const clean = { answer: 'good', placed: 1 }
      expect(await fate(wire, client, 1)).toEqual(clean)
      expect((await wire.readOwn(client)).ok).toBe(true)
      const hit = await fate(wire, client, 2)
      expect(hit.answer).toMatch(answer)
      expect(hit.placed).toBe(placed)
      expect(await fate(wire, client, 3)).toEqual(clean)
    })

    test.each<Plan>([
      { type: 'lost-request' },
      { type: 'lost-ack' },
      { type: 'throttle' },
      { type: 'server-error' },
      { type: 'maintenance' },
      { type: 'outage', part: 'private' },
    ])('%j hits one account, and the other not', async (fault) => {
      const wire = faultyWire(id)
      const [alice, bob] = [wire.client('alice'), wire.client('bob')]
      set(wire, { ...fault, account: alice.key } as Plan)
      expect((await fate(wire, alice, 1)).answer).not.toBe('good')
      expect(await fate(wire, bob, 2)).toEqual({ answer: 'good', placed: 1 })
      expect((await wire.readPublic()).ok).toBe(true)
    })

    test('an account may be named by the client it belongs to', async () => {
      const wire = faultyWire(id)
      const [alice, bob] = [wire.client('alice'), wire.client('bob')]
      wire.plan.knowsClient(id, alice.key, 'alice')
      set(wire, { type: 'throttle', account: 'alice' })
      expect((await fate(wire, alice, 1)).answer).toMatch(own.throttled)
      expect((await fate(wire, bob, 2)).answer).toBe('good')
    })

    test('on the clock: a window begins and ends by itself', async () => {
      const wire = faultyWire(id)
      const client = wire.client('alice')
      set(wire, { type: 'maintenance', after_ms: 1_000, for_ms: 500 })
      const seen: boolean[] = []
      for (const step of [0, 999, 1, 499, 1]) {
        wire.clock.advance(step)
        seen.push((await wire.readOwn(client)).ok)
      }
      expect(seen).toEqual([true, true, false, false, true])
    })

    test('latency delays request and answer, jitter adds to both', async () => {
      const wire = faultyWire(id)
      const client = wire.client('alice')
      set(wire, { type: 'latency', request_ms: 40, answer_ms: 60, match: create })
      expect((await passing(wire, wire.place(client, 1))).ms).toBe(0)
      expect((await passing(wire, wire.place(client, 2))).ms).toBe(100)
      wire.plan.clear()
      set(wire, { type: 'latency', request_ms: 40, answer_ms: 60, jitter_ms: 50 })
      const { ms, value } = await passing(wire, wire.place(client, 3))
      expect(value.ok).toBe(true)
      expect(ms).toBeGreaterThan(100)
      expect(ms).toBeLessThanOrEqual(200)
    })

    test('a market-data outage leaves orders alone, and the other way round', async () => {
      const wire = faultyWire(id)
      const client = wire.client('alice')
      const down = set(wire, { type: 'outage', part: 'market-data' })
      expect((await wire.readPublic()).text).toMatch(own.busy)
      expect((await fate(wire, client, 1)).answer).toBe('good')
      wire.plan.clear(down)
      set(wire, { type: 'outage', part: 'orders' })
      expect((await wire.readPublic()).ok).toBe(true)
      expect((await fate(wire, client, 2)).answer).toMatch(own.busy)
    })
  })

  describe('WebSocket', () => {
    /** Three private messages reach the client; which ones, and how often. */
    async function told(fault: Plan): Promise<{ mine: number[]; theirs: number[] }> {
      const wire = faultyWire(id)
      const [alice, bob] = [wire.client('alice'), wire.client('bob')]
      const [mine, theirs] = [await wire.line(alice), await wire.line(bob)]
      set(wire, { ...fault, account: alice.key } as Plan)
      for (const nth of [1, 2, 3]) {
        await wire.place(alice, nth)
        await wire.place(bob, nth)
        await wire.settle()
      }
      // Kraken numbers what it tells; on Kalshi each order has a price of its own.
      const mark = ({ sequence, msg }: { sequence?: number; msg?: Record<string, string> }) =>
        sequence ?? Math.round(Number(msg?.yes_price_dollars) * 100)
      const of = (line: typeof mine): number[] => line.of('private').map(mark)
      return { mine: of(mine), theirs: of(theirs) }
    }

    test('drop-event: one private event never comes; the other account hears all', async () => {
      const whole = await told({ type: 'drop-event', match: { nth: 99 } })
      const { mine, theirs } = await told({ type: 'drop-event', match: { nth: 2 } })
      expect(theirs).toEqual(whole.theirs)
      expect(mine).toEqual(whole.mine.filter((_n, index) => index !== 1))
    })

    test('duplicate-event: one private event comes three times', async () => {
      const whole = await told({ type: 'drop-event', match: { nth: 99 } })
      const { mine, theirs } = await told({ type: 'duplicate-event', times: 3, match: { nth: 2 } })
      expect(theirs).toEqual(whole.theirs)
      const [first = 0, second = 0, ...rest] = whole.mine
      expect(mine).toEqual([first, second, second, second, ...rest])
    })

    test('reorder-event: one comes after the next of its own socket, whatever others hear', async () => {
      const whole = await told({ type: 'drop-event', match: { nth: 99 } })
      const { mine, theirs } = await told({ type: 'reorder-event', match: { nth: 2, count: 2 } })
      expect(theirs).toEqual(whole.theirs)
      const [first = 0, second = 0, third = 0, ...rest] = whole.mine
      expect(mine).toEqual([first, third, second, ...rest])
    })

    test('feed-gap: book messages are missing, and the sequence or the checksum shows it', async () => {
      const wire = faultyWire(id)
      const line = await wire.line(wire.client('alice'))
      const before = line.of('book').length
      set(wire, { type: 'feed-gap', match: { nth: 2 } })
      for (const nth of [1, 2, 3]) wire.publish(nth)
      await wire.settle()
      const mark = ({ seq, data }: { seq?: number; data?: { checksum: number }[] }) =>
        seq ?? data?.[0]?.checksum
      const got = line.of('book').slice(before).map(mark)
      const other = faultyWire(id)
      const full = await other.line(other.client('alice'))
      for (const nth of [1, 2, 3]) other.publish(nth)
      await other.settle()
      const all = full.of('book').slice(before).map(mark)
      expect(got).toEqual(all.filter((_n, index) => index !== 1))
      expect(new Set(all).size).toBe(all.length)
    })

    test('stale-feed: books stand still for their time and then come in order', async () => {
      const wire = faultyWire(id)
      const line = await wire.line(wire.client('alice'))
      const before = line.of('book').length
      set(wire, { type: 'stale-feed', for_ms: 700 })
      for (const nth of [1, 2]) wire.publish(nth)
      wire.clock.advance(699)
      await wire.settle()
      expect(line.of('book')).toHaveLength(before)
      expect(line.closes).toEqual([])
      wire.clock.advance(1)
      await wire.settle()
      expect(line.of('book')).toHaveLength(before + 2)
    })

    test('crossed-feed: the first snapshot shows a bid above the ask', async () => {
      const wire = faultyWire(id)
      set(wire, { type: 'crossed-feed' })
      const [snapshot] = (await wire.line(wire.client('alice'))).of('book')
      const { msg, data } = snapshot as { msg?: Record<string, string[][]>; data?: never[] }
      const best = (levels: string[][] = []) => Math.max(...levels.map(([price]) => Number(price)))
      const [book] = (data ?? []) as { bids: { price: number }[]; asks: { price: number }[] }[]
      const [bid, ask] =
        book === undefined
          ? [best(msg?.yes_dollars_fp), 1 - best(msg?.no_dollars_fp)]
          : [book.bids[0]?.price ?? 0, book.asks[0]?.price ?? 0]
      expect(bid).toBeGreaterThan(ask)
    })

    test('disconnect: sockets of the account close with the code, and may come back or not', async () => {
      const wire = faultyWire(id)
      const [alice, bob] = [wire.client('alice'), wire.client('bob')]
      const [mine, theirs] = [await wire.line(alice), await wire.line(bob)]
      set(wire, { type: 'disconnect', account: alice.key, code: 1012, reason: 'restart' })
      expect(mine.closes).toEqual([{ code: 1012, reason: 'restart' }])
      expect(theirs.closes).toEqual([])
      expect((await wire.line(alice)).refused).toBeNull()
      wire.plan.clear()
      const set_for = set(wire, { type: 'disconnect', reconnect: 'refused' })
      expect(theirs.closes).toHaveLength(1)
      expect((await wire.line(bob)).refused).toBe(503)
      wire.plan.clear(set_for)
      expect((await wire.line(bob)).refused).toBeNull()
    })

    test.each<Plan>([
      { type: 'maintenance' },
      { type: 'outage' },
      { type: 'outage', part: 'sockets' },
    ])('%j closes sockets and refuses the handshake for its time', async (fault) => {
      const wire = faultyWire(id)
      const alice = wire.client('alice')
      const line = await wire.line(alice)
      set(wire, { ...fault, after_ms: 100, for_ms: 100 } as Plan)
      expect(line.closes).toEqual([])
      wire.clock.advance(100)
      expect(line.closes).toHaveLength(1)
      const opened = wire.venue.connect(
        { path: wire.venue.socketPaths[0] ?? '', query: '', headers: {} },
        {
          send: () => undefined,
          ping: () => undefined,
          close: () => undefined,
        },
      )
      expect('status' in opened && opened.status).toBeGreaterThanOrEqual(400)
      wire.clock.advance(100)
      expect((await wire.line(alice)).refused).toBeNull()
    })

    test('outage of market data: books stand still and private events pass', async () => {
      const wire = faultyWire(id)
      const alice = wire.client('alice')
      const line = await wire.line(alice)
      const [books, events] = [line.of('book').length, line.of('private').length]
      set(wire, { type: 'outage', part: 'market-data' })
      wire.publish(1)
      await wire.place(alice, 1)
      await wire.settle()
      expect(line.of('book')).toHaveLength(books)
      expect(line.of('private').length).toBeGreaterThan(events)
    })

    test('outage of private data: the other way round', async () => {
      const wire = faultyWire(id)
      const [alice, bob] = [wire.client('alice'), wire.client('bob')]
      const line = await wire.line(alice)
      const books = line.of('book').length
      set(wire, { type: 'outage', part: 'private', account: alice.key })
      expect((await fate(wire, alice, 1)).answer).toMatch(own.busy)
      wire.publish(1)
      await wire.place(bob, 1)
      await wire.settle()
      expect(line.of('private')).toEqual([])
      expect(line.of('book').length).toBeGreaterThan(books)
    })

    test('latency: messages come later and keep their order', async () => {
      const wire = faultyWire(id)
      const line = await wire.line(wire.client('alice'))
      const before = line.of('book').length
      set(wire, { type: 'latency', answer_ms: 50, jitter_ms: 200 })
      for (const nth of [1, 2, 3]) wire.publish(nth)
      wire.clock.advance(49)
      expect(line.of('book')).toHaveLength(before)
      wire.clock.advance(500)
      const sizes = line
        .of('book')
        .slice(before)
        .map(({ seq, data }) => seq ?? data[0].bids[0].qty)
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
      expect(sizes).toHaveLength(3)
    })
  })

  test.each([60_000, -60_000])(
    'clock-skew: the venue judges by a clock that is %i ms off, and shows it',
    async (skew_ms) => {
      const wire = faultyWire(id)
      const client = wire.client('alice')
      set(wire, { type: 'clock-skew', skew_ms, for_ms: 1_000 })
      // Kalshi compares the signature's time with its own; Kraken's nonce has no time in it.
      const { ok, status } = await wire.readOwn(client)
      expect([ok, status]).toEqual(id === 'kalshi' ? [false, 401] : [true, 200])
      const start_ms = wire.clock.now_ms()
      expect(await shown_s(wire)).toBe(Math.floor((start_ms + skew_ms) / 1_000))
      wire.clock.advance(500)
      expect(await shown_s(wire)).toBe(Math.floor((start_ms + 500 + skew_ms) / 1_000))
      wire.clock.advance(500)
      expect((await wire.readOwn(client)).ok).toBe(true)
      expect(await shown_s(wire)).toBe(Math.floor((start_ms + 1_000) / 1_000))
    },
  )

  /** The venue's time, from where it tells it. */
  async function shown_s(wire: FaultyWire): Promise<number> {
    const path = {
      kalshi: '/trade-api/v2/exchange/user_data_timestamp',
      kraken: '/0/public/Time',
    }[id]
    const answer = await wire.venue.fetch(new Request(`http://${id}.test${path}`))
    const { as_of_time, result } = (await answer.json()) as {
      as_of_time?: string
      result?: { unixtime: number }
    }
    return result?.unixtime ?? Math.floor(Date.parse(as_of_time ?? '') / 1_000)
  }

  test('under a clock set back orders are taken and the books hold', async () => {
    const wire = faultyWire(id)
    const client = wire.client('alice')
    expect((await wire.place(client, 1)).ok).toBe(true)
    set(wire, { type: 'clock-skew', skew_ms: -2_000 })
    expect(await fate(wire, client, 2)).toEqual({ answer: 'good', placed: 1 })
    wire.venue.admin.check()
  })
})

describe('matches', () => {
  test.each([
    ['kalshi', 'amend-order'],
    ['kraken', 'cancel-order'],
    ['kraken', 'amend-order'],
    ['kalshi', 'cancel-order'],
  ] as const)('%s: %s hits the second of its kind and nothing else', async (id, action) => {
    const wire = faultyWire(id)
    const client = wire.client('alice')
    wire.plan.inject({ type: 'lost-request', venue: id, match: { action, nth: 2 } })
    const said: boolean[] = []
    const outcome = (work: Promise<{ ok: boolean }>): Promise<void> =>
      work.then(
        ({ ok }) => void said.push(ok),
        () => void said.push(false),
      )
    for (const nth of [1, 2, 3]) {
      const placed = await wire.place(client, nth)
      expect(placed.ok).toBe(true)
      expect((await wire.readOwn(client)).ok).toBe(true)
      await outcome(
        action === 'amend-order' ? wire.amend(client, placed) : wire.cancel(client, placed),
      )
    }
    expect(said).toEqual([true, false, true])
    const left = wire.venue.admin.account(client.account_id).open_orders
    const unit_1e8 = id === 'kalshi' ? 100_000_000n : 100_000n
    expect(left.map(({ remaining_1e8 }) => remaining_1e8).sort()).toEqual(
      action === 'cancel-order' ? [unit_1e8] : [unit_1e8, unit_1e8 / 2n, unit_1e8 / 2n].sort(),
    )
  })

  test.each(['kalshi', 'kraken'] as const)(
    '%s: chance hits a share, the same each time',
    async (id) => {
      const hit = async (): Promise<boolean[]> => {
        const wire = faultyWire(id)
        const client = wire.client('alice')
        const match = { action: 'create-order', chance: 0.4 } as const
        wire.plan.inject({ type: 'throttle', venue: id, match })
        const lost: boolean[] = []
        for (let nth = 1; nth <= 30; nth += 1)
          lost.push((await fate(wire, client, nth)).placed === 0)
        expect(wire.resting(client)).toBe(lost.filter((one) => !one).length)
        expect(wire.plan.list()).toMatchObject([{ seen: 30, fired: lost.filter(Boolean).length }])
        return lost
      }
      const first = await hit()
      expect(await hit()).toEqual(first)
      const share = first.filter(Boolean).length / first.length
      expect(share).toBeGreaterThan(0.15)
      expect(share).toBeLessThan(0.65)
    },
  )

  test('kalshi: jitter on private reads is drawn per read and leaves other calls alone', async () => {
    const wire = faultyWire('kalshi')
    const client = wire.client('alice')
    const match = { action: 'read-private' } as const
    wire.plan.inject({ type: 'latency', venue: 'kalshi', answer_ms: 100, jitter_ms: 200, match })
    expect((await passing(wire, wire.place(client, 1))).ms).toBe(0)
    expect((await passing(wire, wire.readPublic())).ms).toBe(0)
    const waits: number[] = []
    for (let n = 0; n < 8; n += 1) {
      const { ms, value } = await passing(wire, wire.readOwn(client))
      expect(value.ok).toBe(true)
      waits.push(ms)
    }
    // Up to 200 ms each way, in steps of the 10 ms that time is let pass.
    for (const ms of waits) {
      expect(ms).toBeGreaterThanOrEqual(100)
      expect(ms).toBeLessThanOrEqual(520)
    }
    expect(new Set(waits).size).toBeGreaterThan(3)
  })
})

describe('orders over a socket (Kraken takes them there)', () => {
  const second = { action: 'create-order', nth: 2 } as const

  test.each<[Plan, { replies: (string | true)[]; placed: number }]>([
    [
      { type: 'lost-request', match: second },
      { replies: [true, true], placed: 2 },
    ],
    [
      { type: 'lost-ack', match: second },
      { replies: [true, true], placed: 3 },
    ],
    [
      { type: 'duplicate-request', match: second },
      { replies: [true, true, true], placed: 4 },
    ],
    [
      { type: 'throttle', match: second },
      { replies: [true, 'EAPI:Rate limit exceeded', true], placed: 2 },
    ],
    [
      { type: 'server-error', match: second },
      { replies: [true, 'EService:Busy', true], placed: 2 },
    ],
    [
      { type: 'outage', part: 'orders', match: second },
      { replies: [true, 'EService:Busy', true], placed: 2 },
    ],
  ])('%j', async (fault, wanted) => {
    const wire = faultyWire('kraken')
    const [alice, bob] = [wire.client('alice'), wire.client('bob')]
    const line = await wire.line(alice)
    const other = await wire.line(bob)
    wire.plan.inject({ ...fault, venue: 'kraken', account: alice.key } as FaultInput)
    for (const nth of [1, 2, 3]) {
      line.place(nth)
      other.place(nth)
      await wire.settle()
    }
    const replies = (of: typeof line) =>
      of
        .of('reply')
        .filter(({ method }) => method === 'add_order')
        .map(({ success, error }) => (success ? true : error))
    expect(replies(line)).toEqual(wanted.replies)
    expect(wire.resting(alice)).toBe(wanted.placed)
    expect([replies(other), wire.resting(bob)]).toEqual([[true, true, true], 3])
  })

  test('latency holds a command back and keeps the order of commands', async () => {
    const wire = faultyWire('kraken')
    const alice = wire.client('alice')
    const line = await wire.line(alice)
    wire.plan.inject({ type: 'latency', venue: 'kraken', request_ms: 30, jitter_ms: 100 })
    for (const nth of [1, 2, 3]) line.place(nth)
    await wire.settle()
    expect(wire.resting(alice)).toBe(0)
    wire.clock.advance(1_000)
    await wire.settle()
    const answered = line.of('reply').filter(({ method }) => method === 'add_order')
    expect(answered.map(({ req_id }) => req_id)).toEqual([1, 2, 3])
  })
})

describe('checksums (Kraken has them, Kalshi has none)', () => {
  test('wrong-checksum: one book message carries a sum that is not its book’s', async () => {
    const sums = async (fault: boolean): Promise<number[]> => {
      const wire = faultyWire('kraken')
      const line = await wire.line(wire.client('alice'))
      if (fault) {
        wire.plan.inject({ type: 'wrong-checksum', venue: 'kraken', match: { nth: 2 } })
      }
      for (const nth of [1, 2, 3]) wire.publish(nth)
      await wire.settle()
      return line.of('book').map(({ data }) => data[0].checksum)
    }
    const [good, bad] = [await sums(false), await sums(true)]
    expect(bad.map((sum, index) => sum === good[index])).toEqual([true, true, false, true])
  })

  test('on Kalshi wrong-checksum leaves every message as it is', async () => {
    const wire = faultyWire('kalshi')
    const line = await wire.line(wire.client('alice'))
    wire.plan.inject({ type: 'wrong-checksum', venue: 'kalshi' })
    wire.publish(1)
    expect(line.of('book').at(-1)).toMatchObject({ type: 'orderbook_delta', seq: 2 })
  })
})
