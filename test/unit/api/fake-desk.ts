/**
 * A desk that records what it was asked and answers plainly: the API's tests look at what reaches it.
 */

import { type ApiOptions, createApi } from '../../../src/api/app.js'
import type { Keys } from '../../../src/api/keys.js'
import {
  type Desk,
  DeskError,
  type DeskEvent,
  type OrderIntent,
  type OrderRow,
  type PositionInput,
  type Principal,
} from '../../../src/desk/contract.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { MarketHub } from '../../../src/market/market-hub.js'
import { defineVenue, type Venue } from '../../../src/venue/contract.js'
import { manualClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'

const instrument = (symbol: string, kind: Instrument['kind'], quote: string): Instrument => ({
  symbol,
  venue_symbol: `V-${symbol}`,
  kind,
  base: symbol.split('-')[0] ?? symbol,
  quote,
  tick_size_1e9: 10_000_000n,
  lot_size_1e8: 1n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
  ...(kind === 'event' && {
    event: { event_symbol: 'KXEV', yes_token: null, no_token: null },
  }),
})

const venue = (id: string, kinds: Instrument['kind'][], instruments: Instrument[]): Venue =>
  defineVenue({
    id,
    title: id,
    ...(id === 'delta' && { aliases: ['delta_one'] }),
    capabilities: {
      kinds,
      time_in_force: ['gtc', 'ioc', 'fok'],
      market_order: 'native',
      market_buy_by_quote: false,
      post_only: 'refuse',
      reduce_only: 'none',
      amend: 'none',
      event_short: 'refuse',
      event_netting: 'net',
      fee_hold: 'none',
      self_trade: 'cancel-taker',
      latency_ms: 1,
    },
    quote_assets: [{ asset: 'USD', kind: 'fiat' }],
    instruments,
    fees: {
      bps: ({ liquidity }) => (liquidity === 'maker' ? 25 : 40),
      fill: ({ carry_1e8 }) => ({ fee_1e8: 0n, carry_1e8 }),
    },
  })

export const venues: readonly Venue[] = [
  venue('alpha', ['spot'], [instrument('BTC-USD', 'spot', 'USD')]),
  venue('beta', ['event'], [instrument('KXTEST-A', 'event', 'USD')]),
  venue('delta', ['perp', 'spot'], [instrument('BTC-USD-PERP', 'perp', 'USD')]),
]

export const hex = (digit: string) => digit.repeat(64)
export const TEST_KEY = `seq_test_${hex('1')}`
export const LIVE_KEY = `seq_live_${hex('2')}`
export const OTHER_KEY = `seq_test_${hex('3')}`

export interface Calls {
  submitted: { who: Principal; intent: OrderIntent }[]
  configured: { who: Principal; positions: readonly PositionInput[]; replace: boolean }[]
  other: { call: string; args: unknown[] }[]
}

export const orderRow = (over: Partial<OrderRow> = {}): OrderRow => ({
  node_order_id: 'graph:g:n0:1',
  graph_id: 'g',
  node_id: 'n0',
  symbol: 'BTC-USD',
  instrument_type: 'spot',
  side: 'buy',
  order_type: 'market',
  tif: 'ioc',
  venue: 'alpha',
  qty_1e8: 1n,
  filled_qty_1e8: 0n,
  limit_price_1e9: null,
  avg_fill_price_1e9: null,
  fees_usd_1e9: 0n,
  status: 'WORKING',
  failure_reason: null,
  failure_message: null,
  is_sandbox: true,
  routing_version: 1,
  routing: [],
  children: [],
  created_at_ns: 1n,
  updated_at_ns: 1n,
  ...over,
})

export function fakeDesk() {
  const calls: Calls = { submitted: [], configured: [], other: [] }
  const listeners = new Set<(event: DeskEvent) => void>()
  const note = (call: string, ...args: unknown[]) => calls.other.push({ call, args })
  const graph = (intent: OrderIntent, is_sandbox: boolean) => ({
    graph_id: intent.graph_id ?? 'graph_1',
    status: 'ACCEPTED' as const,
    is_sandbox,
    nodes: [],
    edges: [],
    created_at_ns: 2n ** 60n,
  })
  const desk: Desk = {
    configure: async (who, positions, replace) => {
      calls.configured.push({ who, positions, replace })
      return { written: positions.length, deleted: replace ? 7 : 0 }
    },
    reset: async (who) => {
      note('reset', who)
      return { initial_balance_usd_1e9: 10n ** 18n, venues_seeded: 9 }
    },
    settings: async () => ({ initial_balance_usd_1e9: 10n ** 18n }),
    putSettings: async (who, initial_balance_usd_1e9) => {
      note('putSettings', who, initial_balance_usd_1e9)
      return { initial_balance_usd_1e9 }
    },
    positions: async (who, filter) => {
      note('positions', who, filter)
      return []
    },
    orders: async (who, filter) => {
      note('orders', who, filter)
      return [orderRow()]
    },
    order: async (_who, id) => (id === 'graph:g:n0:1' ? orderRow() : undefined),
    graph: async () => undefined,
    fills: async () => [],
    submit: async (who, intent) => {
      calls.submitted.push({ who, intent })
      if (intent.graph_id === 'boom') throw new TypeError('secret words of a broken server')
      if (intent.graph_id === 'busy') throw new DeskError('unavailable', 'the commit failed')
      if (intent.graph_id === 'taken') throw new DeskError('conflict', 'graph_id was used')
      if (intent.graph_id === 'stop') throw new DeskError('kill-switch', 'kill switch is active')
      return graph(intent, intent.is_sandbox)
    },
    cancel: async (_who, id) => {
      if (id === 'graph:g:n0:1') return orderRow({ status: 'CANCELLED' })
      throw new DeskError('not-found', `no order ${id}`)
    },
    amend: async (who, id, change) => {
      note('amend', who, id, change)
      return { order: orderRow(), mode: 'native_atomic' }
    },
    preview: async (_who, intent) => ({
      symbol: intent.symbol,
      side: intent.side,
      qty_1e8: intent.qty_1e8 ?? 0n,
      legs: [],
      est_avg_px_1e9: null,
      est_fee_usd_1e9: 0n,
      est_cost_bps: 0,
      unfilled_qty_1e8: 0n,
      guards: [],
    }),
    killSwitch: async (_who, enabled) => ({ enabled }),
    sync: async () => ({ synced: true, venues: [] }),
    resolveMarket: async () => {},
    resolution: () => undefined,
    redeem: async () => {
      throw new DeskError('conflict', 'the market is not resolved')
    },
    resolveSymbol: (symbol) => {
      const [, bare = symbol, outcome] = /^(.*?)(?::(YES|NO))?$/.exec(symbol) ?? []
      const listings = venues.flatMap(({ id, instruments }) =>
        instruments
          .filter((listed) => listed.symbol === bare)
          .map((listed) => ({ venue: id, instrument: listed })),
      )
      const kind = listings[0]?.instrument.kind
      if (kind === undefined) return undefined
      return {
        instrument_type: kind === 'event' ? 'prediction' : kind,
        outcome: kind === 'event' ? (outcome === 'NO' ? 'NO' : 'YES') : null,
        listings,
      }
    },
    symbols: () =>
      venues.flatMap(({ id, instruments }) =>
        instruments.map((listed) => ({
          symbol: listed.symbol,
          kind: listed.kind,
          venues: [id],
          instrument: listed,
        })),
      ),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    list: () => {},
    subscribeMarkets: () => () => {},
    journal: async () => [],
    save: async () => undefined,
    restore: async () => {},
    flush: async () => {},
    close: async () => {},
  }
  return {
    desk,
    calls,
    emit: (event: DeskEvent) => {
      for (const listener of listeners) listener(event)
    },
  }
}

export function fakeKeys(rates: Readonly<Record<string, number>> = {}): Keys {
  const known = new Map<string, Principal>([
    [TEST_KEY, { client_id: 'one', key_id: 'key_test', mode: 'sandbox' }],
    [LIVE_KEY, { client_id: 'one', key_id: 'key_live', mode: 'live' }],
    [OTHER_KEY, { client_id: 'two', key_id: 'key_other', mode: 'sandbox' }],
    ['seq_test_demo', { client_id: 'one', key_id: 'key_demo', mode: 'sandbox' }],
  ])
  const rows = [...known].map(([key, { client_id, key_id, mode }]) => ({
    client_id,
    key_id,
    label: '',
    is_sandbox: mode === 'sandbox',
    prefix: key.slice(0, 13),
    created_at_ns: 1n,
    revoked: false,
  }))
  return {
    authenticate: async (key) => known.get(key),
    create: async ({ client_id, label, is_sandbox }) => ({
      client_id,
      key_id: 'key_new',
      key: `seq_${is_sandbox ? 'test' : 'live'}_${hex('4')}`,
      label,
      is_sandbox,
      prefix: 'seq_',
      revoked: false,
      created_at_ns: 5n,
    }),
    list: async (client_id) => rows.filter((row) => row.client_id === client_id),
    rotate: async () => undefined,
    revoke: async (client_id, key_id) => client_id === 'one' && key_id === 'key_test',
    client: async (client_id) => ({
      client_id,
      name: client_id,
      rate_limit_qps: rates[client_id] ?? null,
      created_at_ns: 1n,
    }),
  }
}

export function fakeApi(options: Partial<ApiOptions> = {}) {
  const clock = manualClock()
  const world = seededWorld({ seed: 1, clock })
  const hub = new MarketHub(clock)
  const { desk, calls, emit } = fakeDesk()
  const api = createApi({
    desk,
    keys: fakeKeys(),
    books: hub,
    venues,
    world,
    version: '0.0.0',
    ...options,
  })
  const call = async (
    method: string,
    path: string,
    {
      key = TEST_KEY,
      body,
      headers = {},
    }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const text =
      typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    const response = await api.app.request(path, {
      method,
      headers: {
        ...(key !== '' && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: text as string }),
    })
    const raw = await response.text()
    return { status: response.status, headers: response.headers, raw, json: safe(raw) }
  }
  return { api, clock, hub, calls, emit, call }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into by the tests
function safe(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
