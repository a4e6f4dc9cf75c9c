/**
 * Market routes: everything about exchange, series, events and markets that needs no key.
 *
 * @see https://docs.kalshi.com/api-reference/market/get-markets
 *
 * @module
 */

import { lastTrades, TAPE_TRADES } from '../../src/venue/tape.js'
import { type Answer, type Call, ok, refused } from './call.js'
import { page } from './decode.js'
import { seriesTickerOf } from './instruments.js'
import { legacyBook, legacyMarket, legacyTrade } from './legacy.js'
import { reject, type WireError } from './rejects.js'
import { type KalshiState, type MarketFacts, seriesOf } from './state.js'
import {
  bookView,
  eventView,
  marketView,
  multiplier,
  SERIES_UPDATED_TS,
  seriesView,
  tradeText,
  tradeView,
} from './views.js'
import { time, timeOfSeconds } from './wire.js'

const notFound = () => refused(reject('not_found'))
const SECONDS_MAX = 99_999_999_999

/** `GET /exchange/status`: 503 with the same body during a pause of the exchange. */
export function status({ venue: { host } }: Call): Answer {
  const exchange_active = host.state.venue !== 'exchange-paused'
  const trading_active = host.state.venue === 'open'
  const flags = { exchange_active, trading_active, intra_exchange_transfers_active: true }
  return ok(
    {
      ...flags,
      exchange_estimated_resume_time: null,
      exchange_index_statuses: [{ exchange_index: 0, description: 'Event contracts', ...flags }],
    },
    exchange_active ? 200 : 503,
  )
}

const DAYS = ['monday', 'tuesday', 'wednesday', 'friday', 'saturday', 'sunday'] as const

/** `GET /exchange/schedule`: around the clock, but for the maintenance on Thursdays (Eastern time). */
export function schedule(): Answer {
  const always = [{ open_time: '00:00', close_time: '00:00' }]
  return ok({
    schedule: {
      standard_hours: [
        {
          start_time: '2024-12-01T00:00:00Z',
          end_time: '2200-12-01T00:00:00Z',
          ...Object.fromEntries(DAYS.map((day) => [day, always])),
          thursday: [
            { open_time: '00:00', close_time: '03:00' },
            { open_time: '05:00', close_time: '00:00' },
          ],
        },
      ],
      maintenance_windows: [],
    },
  })
}

export const userDataTimestamp = ({ venue: { host } }: Call): Answer =>
  ok({ as_of_time: time(host.clock_us()) })

function seriesVolume(state: KalshiState, series_ticker: string): number {
  let sum = 0
  for (const [ticker, facts] of state.markets) {
    if (seriesTickerOf(ticker) === series_ticker) sum += facts.volume_lots
  }
  return sum
}

export function series({ venue: { host }, query }: Call): Answer {
  const category = query.text('category')
  const tags = query.list('tags')
  const volume = query.bool('include_volume')
  query.bool('include_product_metadata')
  const min_updated_ts = query.int('min_updated_ts', { min: 0, max: SECONDS_MAX }) ?? 0
  if (query.error !== undefined) return query.error
  const all = [...host.state.series.values()]
    .filter((one) => category === undefined || one.category === category)
    .filter(() => min_updated_ts <= SERIES_UPDATED_TS)
    .filter((one) => tags.length === 0 || tags.some((tag) => one.tags.includes(tag)))
  return ok({
    series: all.map((one) => seriesView(one, volume ? seriesVolume(host.state, one.ticker) : null)),
  })
}

export function oneSeries({ venue: { host }, params, query }: Call): Answer {
  const volume = query.bool('include_volume')
  if (query.error !== undefined) return query.error
  const ticker = params.series_ticker ?? ''
  if (!host.state.series.has(ticker)) return notFound()
  const counted = volume ? seriesVolume(host.state, ticker) : null
  return ok({ series: seriesView(seriesOf(host.state, ticker), counted) })
}

export function seriesFeeChanges({ venue: { host }, query }: Call): Answer {
  const ticker = query.text('series_ticker')
  const past = query.bool('show_historical')
  if (query.error !== undefined) return query.error
  const changes = host.state.fee_changes.filter(
    (change) =>
      change.event_ticker === null &&
      (past || !change.done) &&
      (ticker === undefined || ticker === change.series_ticker),
  )
  return ok({
    series_fee_change_arr: changes.flatMap(({ id, series_ticker, terms, scheduled_ts }) =>
      terms === null
        ? []
        : {
            id,
            series_ticker,
            fee_type: terms.fee_type,
            fee_multiplier: multiplier(terms),
            scheduled_ts: timeOfSeconds(scheduled_ts),
          },
    ),
  })
}

export function eventFeeChanges({ venue: { host }, query }: Call): Answer {
  const limit = query.int('limit', { min: 1, max: 1_000 }) ?? 100
  const ticker = query.text('event_ticker')
  if (query.error !== undefined) return query.error
  const changes = host.state.fee_changes.filter(
    ({ event_ticker }) =>
      event_ticker !== null && (ticker === undefined || ticker === event_ticker),
  )
  const shown = page(changes, { limit, cursor: query.text('cursor'), keyOf: ({ id }) => id })
  return ok({
    event_fee_changes: shown.items.map((change) => ({
      id: change.id,
      event_ticker: change.event_ticker,
      series_ticker: change.series_ticker,
      fee_type_override: change.terms?.fee_type ?? null,
      fee_multiplier_override: change.terms === null ? null : multiplier(change.terms),
      scheduled_ts: timeOfSeconds(change.scheduled_ts),
    })),
    cursor: shown.cursor,
  })
}

type ListFilter = 'unopened' | 'open' | 'paused' | 'closed' | 'settled'
const LIST_FILTERS = ['unopened', 'open', 'paused', 'closed', 'settled'] as const
const EVENT_FILTERS = ['unopened', 'open', 'closed', 'settled'] as const

function listed({ status: stored }: MarketFacts, wanted: ListFilter | undefined): boolean {
  switch (wanted) {
    case undefined:
      return true
    case 'unopened':
      return stored === 'initialized'
    case 'open':
      return stored === 'active'
    case 'paused':
      return stored === 'inactive'
    case 'closed':
      return ['closed', 'determined', 'disputed', 'amended'].includes(stored)
    case 'settled':
      return stored === 'finalized'
  }
}

const marketsOf = (state: KalshiState, event_ticker: string) =>
  [...state.markets].filter(([, { info }]) => info.event_ticker === event_ticker)

function shownMarkets({ venue: { host, options } }: Call, event_ticker: string) {
  return marketsOf(host.state, event_ticker).map(([ticker, facts]) => {
    const view = marketView(host, ticker, facts)
    return options.era === 'legacy' ? legacyMarket(view) : view
  })
}

export function events(call: Call): Answer {
  const { venue, query } = call
  const { state } = venue.host
  const limit = query.int('limit', { min: 1, max: 200 }) ?? 200
  const nested = query.bool('with_nested_markets')
  const wanted = query.oneOf('status', EVENT_FILTERS)
  const series_ticker = query.text('series_ticker')
  const tickers = query.list('tickers')
  const min_close_ts = query.int('min_close_ts', { min: 0, max: SECONDS_MAX })
  const min_updated_ts = query.int('min_updated_ts', { min: 0, max: SECONDS_MAX })
  query.bool('with_milestones')
  if (query.error !== undefined) return query.error
  const all = [...state.events.values()].filter(({ info, updated_us }) => {
    if (info.event_ticker.startsWith('KXMVE')) return false
    if (series_ticker !== undefined && info.series_ticker !== series_ticker) return false
    if (tickers.length > 0 && !tickers.includes(info.event_ticker)) return false
    if (min_updated_ts !== undefined && updated_us < min_updated_ts * 1e6) return false
    return marketsOf(state, info.event_ticker).some(
      ([, facts]) =>
        listed(facts, wanted) &&
        (min_close_ts === undefined || facts.info.close_ts >= min_close_ts),
    )
  })
  const shown = page(all, {
    limit,
    cursor: query.text('cursor'),
    keyOf: ({ info }) => info.event_ticker,
  })
  return ok({
    events: shown.items.map(({ info: { event_ticker } }) => ({
      ...eventView(state, event_ticker, null),
      ...(nested ? { markets: shownMarkets(call, event_ticker) } : {}),
    })),
    cursor: shown.cursor,
  })
}

export function oneEvent(call: Call): Answer {
  const { venue, params, query } = call
  const nested = query.bool('with_nested_markets')
  if (query.error !== undefined) return query.error
  const event_ticker = params.event_ticker ?? ''
  if (!venue.host.state.events.has(event_ticker)) return notFound()
  const event = eventView(venue.host.state, event_ticker, null)
  const markets = shownMarkets(call, event_ticker)
  return ok(nested ? { event: { ...event, markets }, markets: [] } : { event, markets })
}

export function eventMetadata({ venue: { host }, params }: Call): Answer {
  const event_ticker = params.event_ticker ?? ''
  if (!host.state.events.has(event_ticker)) return notFound()
  const { settlement_sources } = eventView(host.state, event_ticker, null)
  return ok({
    image_url: '',
    featured_image_url: '',
    market_details: marketsOf(host.state, event_ticker).map(([market_ticker]) => ({
      market_ticker,
      image_url: '',
      color_code: '',
    })),
    settlement_sources,
  })
}

/** Timestamp filters of `GET /markets`: each goes with these statuses only, and with no other group. */
const TIME_GROUPS = {
  created: ['unopened', 'open', undefined],
  close: ['closed', undefined],
  settled: ['settled', undefined],
} as const satisfies Record<string, readonly (ListFilter | undefined)[]>

export function markets({ venue: { host, options }, query }: Call): Answer {
  const limit = query.int('limit', { min: 0, max: 1_000 }) || 100
  const wanted = query.oneOf('status', LIST_FILTERS)
  const event_ticker = query.text('event_ticker')
  const series_ticker = query.text('series_ticker')
  const tickers = query.list('tickers')
  const mve = query.oneOf('mve_filter', ['exclude', 'only'])
  const seconds = (name: string) => query.int(name, { min: 0, max: SECONDS_MAX })
  const spans = Object.keys(TIME_GROUPS).map((name) => ({
    name: name as keyof typeof TIME_GROUPS,
    min: seconds(`min_${name}_ts`),
    max: seconds(`max_${name}_ts`),
  }))
  const min_updated_ts = seconds('min_updated_ts')
  const used = spans.filter(({ min, max }) => min !== undefined || max !== undefined)
  if (used.length > 1) {
    query.refuse('Parameter validation failed: timestamp filters are mutually exclusive')
  }
  const [group] = used
  const allowed: readonly (ListFilter | undefined)[] | undefined = group && TIME_GROUPS[group.name]
  if (allowed !== undefined && !allowed.includes(wanted)) {
    query.refuse(
      `Parameter validation failed: ${group?.name} timestamps cannot be combined with status ${wanted}`,
    )
  }
  if (
    min_updated_ts !== undefined &&
    (group !== undefined ||
      wanted !== undefined ||
      event_ticker !== undefined ||
      tickers.length > 0 ||
      mve === 'only' ||
      (series_ticker !== undefined && mve !== 'exclude'))
  ) {
    query.refuse(
      'Parameter validation failed: min_updated_ts cannot be combined with other filters',
    )
  }
  if (query.error !== undefined) return query.error
  const found = [...host.state.markets].filter(([ticker, facts]) => {
    const { info, created_us, settled_us, updated_us } = facts
    if (!listed(facts, wanted)) return false
    if (event_ticker !== undefined && info.event_ticker !== event_ticker) return false
    if (series_ticker !== undefined && seriesTickerOf(ticker) !== series_ticker) return false
    if (tickers.length > 0 && !tickers.includes(ticker)) return false
    if (mve !== undefined && ticker.startsWith('KXMVE') !== (mve === 'only')) return false
    if (min_updated_ts !== undefined && updated_us < min_updated_ts * 1e6) return false
    if (group === undefined) return true
    const at_us = {
      created: created_us,
      close: info.close_ts * 1e6,
      settled: settled_us ?? Number.NaN,
    }[group.name]
    return at_us >= (group.min ?? 0) * 1e6 && at_us <= (group.max ?? SECONDS_MAX) * 1e6
  })
  const shown = page(found, { limit, cursor: query.text('cursor'), keyOf: ([ticker]) => ticker })
  return ok({
    markets: shown.items.map(([ticker, facts]) => {
      const view = marketView(host, ticker, facts)
      return options.era === 'legacy' ? legacyMarket(view) : view
    }),
    cursor: shown.cursor,
  })
}

export function oneMarket({ venue: { host, options }, params }: Call): Answer {
  const ticker = params.ticker ?? ''
  const facts = host.state.markets.get(ticker)
  if (facts === undefined) return notFound()
  const view = marketView(host, ticker, facts)
  return ok({ market: options.era === 'legacy' ? legacyMarket(view) : view })
}

export function orderbook({ venue: { host, options }, params, query }: Call): Answer {
  const depth = query.int('depth', { min: 0, max: 100 }) ?? 0
  if (query.error !== undefined) return query.error
  const ticker = params.ticker ?? ''
  if (!host.state.markets.has(ticker)) return notFound()
  const { yes, no } = bookView(host, ticker, depth)
  if (options.era === 'legacy') return ok({ orderbook: legacyBook(yes, no) })
  return ok({ orderbook_fp: { yes_dollars: yes, no_dollars: no } })
}

export function orderbooks({ venue: { host }, query }: Call): Answer {
  const tickers = query.list('tickers')
  if (tickers.length < 1 || tickers.length > 100) {
    query.refuse('Parameter validation failed: tickers must name between 1 and 100 markets')
  }
  if (query.error !== undefined) return query.error
  return ok({
    orderbooks: tickers
      .filter((ticker) => host.state.markets.has(ticker))
      .map((ticker) => {
        const { yes, no } = bookView(host, ticker, 0)
        return { ticker, orderbook_fp: { yes_dollars: yes, no_dollars: no } }
      }),
  })
}

export function trades({ venue: { host, options }, query }: Call): Answer {
  const limit = query.int('limit', { min: 0, max: 1_000 }) || 100
  const ticker = query.text('ticker')
  const min_ts = query.int('min_ts', { min: 0, max: SECONDS_MAX }) ?? 0
  const max_ts = query.int('max_ts', { min: 0, max: SECONDS_MAX }) ?? SECONDS_MAX
  const blocks = query.bool('is_block_trade')
  if (query.error !== undefined) return query.error
  const tickers = ticker === undefined ? [...host.state.markets.keys()] : [ticker]
  const all = blocks
    ? []
    : tickers
        .flatMap((name) =>
          lastTrades(host.tape(name), TAPE_TRADES).map((trade) => ({ name, trade })),
        )
        .filter(({ trade }) => trade.ts_us >= min_ts * 1e6 && trade.ts_us <= max_ts * 1e6 + 999_999)
        .sort((a, b) => b.trade.trade_id - a.trade.trade_id)
  const shown = page(all, {
    limit,
    cursor: query.text('cursor'),
    keyOf: ({ trade }) => tradeText(trade.trade_id),
  })
  return ok({
    trades: shown.items.map(({ name, trade }) => {
      const view = tradeView(name, trade)
      return options.era === 'legacy' ? legacyTrade(view) : view
    }),
    cursor: shown.cursor,
  })
}

/** An archive without anything in it: what is live is listed by the live paths only. */
export const nothingArchived =
  (name: 'markets' | 'trades' | 'fills' | 'orders') =>
  ({ query }: Pick<Call, 'query'>): Answer | WireError => {
    query.int('limit', { min: 0, max: 1_000 })
    return query.error ?? ok({ [name]: [], cursor: '' })
  }

export const noArchivedPositions = ({ query }: Pick<Call, 'query'>): Answer | WireError => {
  query.int('limit', { min: 0, max: 1_000 })
  return query.error ?? ok({ cursor: '', market_positions: [], event_positions: [] })
}

export const notArchived = (): WireError => notFound()

/** Nothing is moved to the archive here: everything is live, and the cutoffs lie at the beginning. */
export function historicalCutoff(): Answer {
  const start = timeOfSeconds(0)
  return ok({
    market_settled_ts: start,
    trades_created_ts: start,
    orders_updated_ts: start,
    market_positions_last_updated_ts: start,
  })
}
