/** Every action of control over HTTP: what it does, and what it refuses without touching anything. */
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { actions } from '../../../src/control/actions.js'
import { createSandbox, type Sandbox, type SandboxAccount } from '../../../src/sandbox.js'
import { type Answer, type Call, caller } from '../../support/api-client.js'
import { sandboxState } from '../../support/sandbox-state.js'

const EVENT = 'KXTEST-99DEC31-T60'
const BTC = { venue: 'kraken', symbol: 'BTC-USD' } as const
const BARE = { venue: 'coinbase', symbol: 'BTC-USD' } as const
const YES = { venue: 'kalshi', symbol: EVENT } as const

let sandbox: Sandbox
let account: SandboxAccount
let call: Call

async function opened(): Promise<void> {
  sandbox = await createSandbox({
    store: 'memory',
    seed: 3,
    demo: 'well-known',
    adversary: 'off',
  })
  if (sandbox.demo === null) throw new Error('the demo client is missing')
  account = sandbox.demo
  call = caller((path, init) => sandbox.fetch(path, init), account.test_key)
}

const act = (name: string, body: unknown): Promise<Answer> =>
  call('POST', `/control/${name}`, { body })

/** Acts, and expects that it worked. */
async function done(name: string, body: unknown): Promise<Answer['json']> {
  const { status, json, raw } = await act(name, body)
  expect(status, raw).toBe(200)
  return json
}

describe('an action over HTTP', () => {
  beforeEach(opened)
  afterEach(() => sandbox.close())

  test('set-depth sets the book that everybody sees, at venues with a wire and without', async () => {
    for (const market of [BTC, BARE]) {
      const levels = { bids: [[60000, '1.5']], asks: [['60010.5', 2]] }
      expect(await done('set-depth', { ...market, ...levels })).toEqual({
        ...market,
        bids: 1,
        asks: 1,
      })
      const seen = sandbox.hub.book(
        market.venue,
        market.venue === 'kraken' ? 'XXBTZUSD' : 'BTC-USD',
      )?.depth
      expect({ bids: seen?.bids, asks: seen?.asks }).toEqual({
        bids: [{ price_1e9: 60_000_000_000_000n, qty_1e8: 150_000_000n }],
        asks: [{ price_1e9: 60_010_500_000_000n, qty_1e8: 200_000_000n }],
      })
    }
  })

  test('set-depth takes the NO leg of an event in NO terms', async () => {
    await done('set-depth', { ...YES, symbol: `${EVENT}:NO`, bids: [['0.40', 10]] })
    const { bids, asks } = sandbox.hub.book('kalshi', EVENT)?.depth ?? {}
    expect({ bids, asks }).toEqual({
      bids: [],
      asks: [{ price_1e9: 600_000_000n, qty_1e8: 1_000_000_000n }],
    })
  })

  test('print-trade meets what rests there', async () => {
    await done('set-depth', { ...BTC, bids: [[60000, 1]], asks: [[60010, 1]] })
    const trades: bigint[] = []
    sandbox.hub.subscribe((event) => {
      if (event.type === 'trade') trades.push(event.price_1e9)
    })
    await done('print-trade', { ...BTC, price: 60000, qty: 0.25, taker_side: 'sell' })
    expect(trades).toEqual([60_000_000_000_000n])
    expect(sandbox.hub.book('kraken', 'XXBTZUSD')?.depth.bids[0]?.qty_1e8).toBe(75_000_000n)
  })

  test('advance-clock and set-clock move the clock and nothing else does', async () => {
    const { now_ns } = (await call('GET', '/control')).json
    const after = (await act('advance-clock', { ms: 1_500 })).exact as { now_ns: unknown }
    expect(String(after.now_ns)).toBe(String(sandbox.world.clock.now_ns()))
    expect(sandbox.world.clock.now_ns() - BigInt(now_ns)).toBe(1_500_000_000n)
    const target = sandbox.world.clock.now_ns() + 5n
    await done('set-clock', { ts_ns: String(target) })
    expect(sandbox.world.clock.now_ns()).toBe(target)
  })

  test('set-balances writes paper rows and, live, the account at the venue', async () => {
    const row = { venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: '123.45' }
    expect(await done('set-balances', { positions: [row], replace: true })).toMatchObject({
      written: 1,
    })
    const paper = (await call('GET', '/v1/positions')).json.positions
    expect(paper).toMatchObject([{ venue: 'kraken', qty_1e8: 12_345_000_000 }])
    await done('set-balances', { mode: 'live', positions: [{ ...row, qty: 7 }] })
    const id = sandbox.control.venueAccount(account.client_id, 'kraken') ?? -1
    const owned = sandbox.venues.get('kraken')?.mock?.admin.account(id).balances
    expect(owned?.find(({ asset }) => asset === 'USD')?.total_1e8).toBe(700_000_000n)
  })

  test('inject-fault, list-faults and clear-faults set a fault, show it at work and end it', async () => {
    const fault = { type: 'throttle', venue: 'kraken' }
    const { id } = await done('inject-fault', { fault })
    const depth = () => sandbox.fetch('/venues/kraken/0/public/Depth?pair=XBTUSD')
    expect(await (await depth()).text()).toMatch(/Rate limit/)
    for (const method of ['GET', 'POST']) {
      const { json } = await call(method, '/control/list-faults')
      expect(json.faults).toMatchObject([{ id, type: 'throttle', state: 'active', fired: 1 }])
      expect(json.log.map(({ on }: { on: string }) => on)).toEqual(['begin', 'read-public'])
    }
    expect(await done('clear-faults', { id })).toEqual({ cleared: 1 })
    expect(await (await depth()).text()).not.toMatch(/Rate limit/)
  })

  test('set-market-state pauses and reopens a market', async () => {
    await done('set-balances', {
      replace: true,
      positions: [{ venue: 'kalshi', kind: 'fiat', symbol: 'USD', qty: 100 }],
    })
    const quoted = () => done('set-depth', { ...YES, asks: [['0.42', 10]] })
    await quoted()
    const buy = () =>
      call('POST', '/v1/orders', {
        body: { ...YES, symbol: `${EVENT}:YES`, side: 'buy', qty: 1, price: 0.42, tif: 'ioc' },
      })
    await done('set-market-state', { ...YES, state: 'paused' })
    expect((await buy()).json.nodes[0].status).toBe('REJECTED')
    await done('set-market-state', { ...YES, state: 'open' })
    await quoted()
    expect((await buy()).json.nodes[0]).toMatchObject({ status: 'FILLED', failure_message: null })
  })

  test('set-price-bands changes what prices a market takes', async () => {
    await done('set-price-bands', { ...YES, bands: [{ from: 0.1, to: 0.9, step: 0.1 }] })
    const asks = (price: string) => act('set-depth', { ...YES, asks: [[price, 10]] })
    expect((await asks('0.42')).status).toBe(409)
    expect((await asks('0.4')).status).toBe(200)
  })

  test('resolve-market and settle-market end a market and pay its holders', async () => {
    await done('set-balances', {
      replace: true,
      positions: [
        { venue: 'kalshi', kind: 'fiat', symbol: 'USD', qty: 10 },
        { venue: 'kalshi', kind: 'event_contract', symbol: `${EVENT}:YES`, qty: 5 },
      ],
    })
    await done('resolve-market', { ...YES, yes_value: 1 })
    expect(await done('settle-market', YES)).toMatchObject({
      redeemed_qty_1e8: 500_000_000,
      payout_usd_1e9: 5_000_000_000,
    })
  })

  test('void-market pays both legs the void share, and a client without any is paid nothing', async () => {
    expect(await done('void-market', YES)).toEqual({ ...YES, yes_value_1e9: 500_000_000 })
    expect(await done('settle-market', YES)).toMatchObject({ mode: 'none', redeemed_qty_1e8: 0 })
  })

  test('snapshot and revert put the journal back to its hash', async () => {
    await done('set-depth', { ...BTC, bids: [[60000, 1]], asks: [[60010, 1]] })
    await call('GET', '/v1/positions')
    const before = (await call('GET', '/control/read-journal')).json
    await done('snapshot', { name: 'then' })
    const state = await sandboxState(sandbox, account)
    await call('POST', '/v1/orders', { body: { ...BTC, side: 'buy', qty: 0.1 } })
    const between = (await call('GET', '/control/read-journal')).json
    expect(between.sha256).not.toBe(before.sha256)
    await done('revert', { name: 'then' })
    expect((await call('GET', '/control/read-journal')).json).toEqual(before)
    expect(await sandboxState(sandbox, account)).toEqual(state)
  })

  test('branch and switch-timeline keep two histories apart', async () => {
    await done('set-depth', { ...BTC, asks: [[60010, 1]] })
    expect(await done('branch', { name: 'bold' })).toEqual({ name: 'bold', from: 'main' })
    await call('POST', '/v1/orders', { body: { ...BTC, side: 'buy', qty: 0.1 } })
    expect(await done('switch-timeline', { name: 'main' })).toEqual({ name: 'main', from: 'bold' })
    expect((await call('GET', '/v1/orders')).json.orders).toEqual([])
    await done('switch-timeline', { name: 'bold' })
    expect((await call('GET', '/v1/orders')).json.orders).toHaveLength(1)
  })

  test('read-journal hashes its own lines, of either mode', async () => {
    await call('GET', '/v1/positions')
    for (const mode of ['sandbox', 'live']) {
      const { lines, sha256, ...rest } = (await call('GET', `/control/read-journal?mode=${mode}`))
        .json as { lines: string[]; sha256: string }
      expect(rest).toEqual({ client_id: account.client_id, mode })
      expect(lines.length).toBeGreaterThan(0)
      const hash = createHash('sha256')
      for (const line of lines) hash.update(`${line}\n`)
      expect(sha256).toBe(hash.digest('hex'))
    }
  })

  test('credentials lists the demo keys of every venue with a wire', async () => {
    const { json } = await call('GET', '/control/credentials')
    expect(json.kalshi.private_key_pem).toContain('PRIVATE KEY')
    expect(json.kraken).toMatchObject({
      api_key: expect.any(String),
      api_secret: expect.any(String),
    })
  })

  test('set-rate-limit gives a client a rate of its own, and null the default again', async () => {
    expect(await done('set-rate-limit', { qps: 7 })).toEqual({ client_id: 'demo', qps: 7 })
    expect(await done('set-rate-limit', { qps: null })).toEqual({ client_id: 'demo', qps: null })
  })

  test('every answer carries the request id of the API around it', async () => {
    const headers = { 'x-request-id': 'mine-1' }
    const good = await call('POST', '/control/advance-clock', { body: { ms: 0 }, headers })
    expect(good.headers.get('x-request-id')).toBe('mine-1')
    const bad = await call('POST', '/control/advance-clock', { body: {}, headers })
    expect(bad.json.error.request_id).toBe('mine-1')
  })

  test('the index names every action there is, and all of them are tested here', async () => {
    const { json } = await call('GET', '/control')
    const names = json.actions.map(({ name }: { name: string }) => name)
    expect(names).toEqual([...actions.keys()])
    expect(json).toMatchObject({ seed: 3, clock: 'manual' })
    expect([...new Set(REFUSED.map(([name]) => name))].sort()).toEqual([...actions.keys()].sort())
  })
})

/** Action, input, status, and words that say what was expected. */
const REFUSED: readonly (readonly [string, unknown, number, RegExp])[] = [
  ['set-depth', {}, 422, /venue: .*expected string.*symbol: .*expected string/],
  ['set-depth', [], 422, /an object of its fields is expected/],
  ['set-depth', '7', 422, /an object of its fields is expected/],
  ['set-depth', { ...BTC, bid: [] }, 422, /Unrecognized key: "bid"/],
  ['set-depth', { ...BTC, bids: [['x', 1]] }, 422, /bids\.0\.0: "x" is no decimal number/],
  ['set-depth', { ...BTC, bids: [[1, 0]] }, 422, /bids\.0\.1: a quantity above 0 is expected/],
  ['set-depth', { ...BTC, bids: [['1.1234567891', 1]] }, 422, /at most 9 digits/],
  ['set-depth', { ...BTC, bids: [['60000.01', 1]] }, 409, /off the grid/],
  ['set-depth', { ...BARE, bids: [['60000.001', 1]] }, 422, /ticks of 0\.01 are expected/],
  ['set-depth', { ...BTC, bids: [[2, 1]], asks: [[1, 1]] }, 422, /best bid is not below/],
  [
    'set-depth',
    {
      ...BARE,
      bids: [
        [1, 1],
        [1, 2],
      ],
    },
    409,
    /give each price once/,
  ],
  ['set-depth', { ...BTC, symbol: 'NOPE' }, 404, /kraken lists no "NOPE"; it lists BTC-USD/],
  ['set-depth', { ...BTC, venue: 'mars' }, 404, /no venue is called "mars"; known: binance/],
  [
    'print-trade',
    { ...BTC, price: 1, qty: 1, taker_side: 'up' },
    422,
    /taker_side: .*"buy"\|"sell"/,
  ],
  ['print-trade', { ...BTC, price: '60000.01', qty: 1, taker_side: 'buy' }, 409, /off the grid/],
  ['print-trade', { ...BARE, price: '1.001', qty: 1, taker_side: 'buy' }, 422, /are expected/],
  ['list-market', { venue: 'kalshi', symbol: 'a b' }, 422, /symbol: is 3 to 100 letters/],
  ['list-market', { venue: 'kraken', symbol: 'KXNEW' }, 409, /kraken has no event markets/],
  ['advance-clock', { ms: -1 }, 422, /0 ms or more is expected/],
  ['advance-clock', { ms: '5' }, 422, /ms: /],
  ['advance-clock', '{"ms":1e300}', 422, /at most 366 days at once are expected/],
  ['set-clock', { ts_ns: 1 }, 409, /lies before now .*revert a snapshot/],
  ['set-clock', { ts_ns: 0.5 }, 422, /no whole number/],
  ['set-clock', '{"ts_ns":99999999999999999999999999}', 409, /at most 366 days/],
  ['set-balances', {}, 422, /positions: .*expected array/],
  [
    'set-balances',
    { positions: [{ venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: -1 }] },
    422,
    /positions\.0\.qty: only perp positions may be below 0/,
  ],
  [
    'set-balances',
    { positions: [{ venue: 'mars', kind: 'fiat', symbol: 'USD', qty: 1 }] },
    404,
    /no venue is called "mars"/,
  ],
  ['set-balances', { mode: 'live', replace: true, positions: [] }, 409, /set row by row/],
  [
    'set-balances',
    { mode: 'live', positions: [{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 1 }] },
    409,
    /coinbase has no mock venue behind it/,
  ],
  ['inject-fault', { fault: { type: 'gremlin' } }, 422, /no fault is called "gremlin"; known: /],
  [
    'inject-fault',
    { fault: { type: 'lost-ack', venue: 'kraken', match: { nth: 0 } } },
    422,
    /fault\.match\.nth: /,
  ],
  [
    'inject-fault',
    { fault: { type: 'lost-ack', venue: 'mars' } },
    404,
    /no venue is called "mars"/,
  ],
  [
    'inject-fault',
    { fault: { type: 'failed-settlement', venue: 'kraken' } },
    404,
    /kraken settles at once/,
  ],
  ['clear-faults', { id: 'f99' }, 404, /no fault "f99" is set/],
  ['list-faults', { verbose: true }, 422, /Unrecognized key: "verbose"/],
  ['set-market-state', { ...BTC, state: 'asleep' }, 422, /state: .*"open"\|"paused"/],
  ['set-price-bands', { ...BARE, bands: [] }, 409, /no mock venue behind it/],
  [
    'set-price-bands',
    { ...YES, bands: [{ from: 0.5, to: 0.1, step: 0.1 }] },
    422,
    /"from" below "to"/,
  ],
  [
    'set-price-bands',
    { ...YES, bands: [{ from: 0.1, to: 0.5, step: 0.3 }] },
    422,
    /whole number of steps/,
  ],
  [
    'set-price-bands',
    {
      ...YES,
      bands: [
        { from: 0.1, to: 0.5, step: 0.1 },
        { from: 0.4, to: 0.9, step: 0.1 },
      ],
    },
    422,
    /bands\.1: bands that ascend and do not overlap/,
  ],
  ['set-rate-limit', { qps: 0.5 }, 422, /qps: a whole number from 1 to 1000000, or null/],
  ['resolve-market', { ...YES, yes_value: 1.5 }, 422, /yes_value: a value from 0 to 1 is expected/],
  ['resolve-market', { ...BTC, yes_value: 1 }, 409, /is a spot market; only events resolve/],
  ['void-market', { ...YES, yes_value: -0.1 }, 422, /a value from 0 to 1 is expected/],
  ['void-market', BTC, 409, /only events resolve/],
  ['settle-market', YES, 409, /cannot settle/],
  ['settle-market', { venue: 'kalshi' }, 422, /symbol: .*expected string/],
  ['snapshot', { name: '' }, 422, /name: /],
  ['revert', { name: 'never' }, 404, /no snapshot is called "never"; known: none/],
  ['branch', { name: 'main' }, 409, /a timeline "main" exists; switch to it/],
  ['switch-timeline', { name: 'never' }, 404, /no timeline is called "never"; known: none/],
  ['read-journal', { mode: 'paper' }, 422, /mode: .*"sandbox"\|"live"/],
  ['credentials', { venue: 'kraken' }, 422, /Unrecognized key: "venue"/],
]

describe('bad input is refused with an envelope and changes nothing', () => {
  beforeAll(async () => {
    await opened()
    await done('set-balances', {
      replace: true,
      positions: [{ venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: 1000 }],
    })
    await done('set-depth', { ...BTC, bids: [[60000, 1]], asks: [[60010, 1]] })
    await done('set-depth', { ...BARE, bids: [[60000, 1]], asks: [[60010, 1]] })
    await sandboxState(sandbox, account)
  })
  afterAll(() => sandbox.close())

  test.each(REFUSED)('%s %j answers %i', async (name, body, status, words) => {
    const before = await sandboxState(sandbox, account)
    const answer = await act(name, body)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json')
    const { code, message, request_id } = answer.json.error
    expect(message).toMatch(words)
    expect(code).toBe({ 404: 'NOT_FOUND', 409: 'CONFLICT', 422: 'VALIDATION_ERROR' }[status])
    expect(request_id).toBe(answer.headers.get('x-request-id'))
    expect(await sandboxState(sandbox, account)).toEqual(before)
  })

  test.each([
    ['POST', 'dance', '{}', 404, /no action is called "dance"; known: set-depth, /],
    ['GET', 'dance', undefined, 404, /no action is called "dance"/],
    ['GET', 'set-depth', undefined, 405, /changes things; send POST/],
    ['DELETE', 'set-depth', undefined, 405, /DELETE is not served here/],
    ['POST', 'set-depth', '{', 400, /expected/],
    ['POST', 'set-depth', '{"venue":"kraken","venue":"kalshi"}', 400, /[Dd]uplicate/],
    ['POST', 'set-depth', `{"x":${'['.repeat(100)}`, 400, /64/],
    ['POST', 'set-depth', ' '.repeat(1_000_001), 413, /longer than 1000000 characters/],
  ] as const)('%s /control/%s is refused', async (method, name, body, status, words) => {
    const before = await sandboxState(sandbox, account)
    const answer = await call(method, `/control/${name}`, body === undefined ? {} : { body })
    expect(answer.status).toBe(status)
    expect(answer.json.error.message).toMatch(words)
    expect(answer.json.error.request_id).toBe(answer.headers.get('x-request-id'))
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/POST/)
    expect(await sandboxState(sandbox, account)).toEqual(before)
  })
})

test('on the wall clock nobody moves time, and the refusal says how to', async () => {
  sandbox = await createSandbox({ store: 'memory', seed: 3, clock: 'wall', demo: 'well-known' })
  account = sandbox.demo ?? account
  call = caller((path, init) => sandbox.fetch(path, init), account.test_key)
  try {
    expect((await call('GET', '/control')).json.clock).toBe('wall')
    for (const [name, body] of [
      ['advance-clock', { ms: 1 }],
      ['set-clock', { ts_ns: '9000000000000000000' }],
    ] as const) {
      const answer = await act(name, body)
      expect([answer.status, answer.json.error.message]).toEqual([
        409,
        expect.stringMatching(/wall clock, which nobody moves; start it with a manual clock/),
      ])
    }
  } finally {
    await sandbox.close()
  }
})
