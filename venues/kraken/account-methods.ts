/**
 * Account methods: `TradeBalance`, `Ledgers` and `QueryLedgers`.
 *
 * @see https://docs.kraken.com/api-reference/account-data/get-ledgers-info
 *
 * @module
 */

import { formatDecimal } from '../../src/engine/decimal.js'
import { priceOf } from '../../src/engine/instrument.js'
import { lastTrades } from '../../src/venue/tape.js'
import { type AssetNames, assetNames } from './instruments.js'
import { type LedgerLine, ledgerLines } from './ledger.js'
import { idList, isIds, method, type PrivateMethod, paged } from './private-method.js'
import { knownAssets } from './public.js'
import { badField, texts } from './rejects.js'
import { type Fields, isError, type Read, readFlag } from './request.js'
import type { RuleContext } from './rules.js'
import { amountText, secondsNumber } from './wire.js'

/** Ids of one `QueryLedgers`. */
const LEDGER_IDS_MAX = 20

/** Kinds of ledger rows Kraken can be asked for; only some happen here. */
const LEDGER_TYPES =
  `all trade deposit withdrawal transfer margin adjustment rollover credit settled
  staking dividend sale nft_rebate spend receive`.split(/\s+/)

export const accountMethods: Readonly<Record<string, PrivateMethod>> = {
  TradeBalance: method('query-funds', 1, ({ context, account, fields }) => {
    const asked = fields.asset ?? ''
    const asset = named(context, asked === '' ? 'ZUSD' : asked)
    if (asset === undefined) return { error: texts.asset }
    const worth_1e8 = context.host.exchange
      .balances(account.account_id)
      .reduce((sum, held) => sum + worth(context, held.asset, held.total_1e8, asset.asset), 0n)
    // Without margin positions everything held is equity, and all of it is free.
    const equity = amountText(worth_1e8, asset.decimals)
    const none = amountText(0n, asset.decimals)
    return { eb: equity, tb: equity, m: none, n: none, c: none, v: none, e: equity, mf: equity }
  }),

  Ledgers: method('query-ledger', 2, ({ context, account, fields }) => {
    const wanted = readFilter(context, fields)
    if (isError(wanted)) return wanted
    const all = ledgerLines(context, account.account_id).filter(
      ({ asset, type }) =>
        (wanted.assets === null || wanted.assets.includes(asset)) &&
        (wanted.type === 'all' || wanted.type === type),
    )
    const page = paged(fields, all, { id: ({ line }) => line, ts_us: ({ ts_us }) => ts_us })
    if (isError(page)) return page
    const { rows, count } = page
    return { ledger: ledgerMap(rows), ...(wanted.counted ? { count } : {}) }
  }),

  QueryLedgers: method('query-ledger', 2, ({ context, account, fields }) => {
    const ids = idList(fields.id, 'id', LEDGER_IDS_MAX)
    if (!isIds(ids)) return ids
    const lines = ledgerLines(context, account.account_id)
    return ledgerMap(lines.filter(({ line }) => ids.includes(line)))
  }),
}

interface Filter {
  /** null: every asset. */
  readonly assets: readonly string[] | null
  readonly type: string
  readonly counted: boolean
}

function readFilter(context: RuleContext, fields: Fields): Read<Filter> {
  const { asset, type = 'all', without_count } = fields
  const names = (asset ?? '').split(',').filter((name) => name !== '' && name !== 'all')
  const assets = names.flatMap((name) => named(context, name.trim())?.asset ?? [])
  if (assets.length !== names.length) return { error: texts.asset }
  if (!LEDGER_TYPES.includes(type === '' ? 'all' : type)) return { error: badField('type') }
  const uncounted = readFlag(without_count)
  if (uncounted === undefined) return { error: badField('without_count') }
  return { assets: names.length === 0 ? null : assets, type: type || 'all', counted: !uncounted }
}

const ledgerMap = (lines: readonly LedgerLine[]): object =>
  Object.fromEntries(lines.map((line) => [line.line, ledgerJson(line)]))

function ledgerJson(line: LedgerLine): object {
  const { id, decimals } = assetNames(line.asset)
  const amount = (value_1e8: bigint) => formatDecimal(value_1e8, 8, decimals)
  return {
    refid: line.ref_id,
    time: secondsNumber(line.ts_us),
    type: line.type,
    subtype: '',
    aclass: 'currency',
    asset: id,
    amount: amount(line.amount_1e8),
    fee: amount(line.fee_1e8),
    balance: amount(line.balance_1e8),
  }
}

/** An asset of some pair, or of somebody's balance, by any of its names. */
function named({ pairs }: RuleContext, name: string): AssetNames | undefined {
  const known = [...knownAssets(pairs.all()), assetNames('USD')]
  return known.find(({ asset, id, altname }) => [asset, id, altname].includes(name))
}

/** What an amount is worth in another asset, cut; nothing where no pair of the two has a price. */
function worth(context: RuleContext, asset: string, amount_1e8: bigint, into: string): bigint {
  if (asset === into) return amount_1e8
  for (const pair of context.pairs.all()) {
    const { base, quote } = pair.instrument
    const price_2e9 = doublePrice(context, pair.id)
    if (price_2e9 === 0n) continue
    if (base === asset && quote === into) return (amount_1e8 * price_2e9) / 2_000_000_000n
    if (base === into && quote === asset) return (amount_1e8 * 2_000_000_000n) / price_2e9
  }
  return 0n
}

/** Twice the middle of the book, else twice the last price, `_1e9`; 0: neither is there. */
function doublePrice({ host }: RuleContext, venue_symbol: string): bigint {
  const instrument = host.instrument(venue_symbol)
  const { bid_ticks, ask_ticks } = host.exchange.best(venue_symbol)
  if (bid_ticks !== null && ask_ticks !== null) {
    return priceOf(instrument, bid_ticks) + priceOf(instrument, ask_ticks)
  }
  const last = lastTrades(host.tape(venue_symbol), 1)[0]
  return last === undefined ? 0n : 2n * priceOf(instrument, last.price_ticks)
}
