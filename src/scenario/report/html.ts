/**
 * HTML report: one file without scripts and without a network: price paths, orders, fills, faults and
 * balances over time, every step and every failure with its replay command.
 *
 * @module
 */

import { formatDecimal } from '../../engine/decimal.js'
import { PRICE_SCALE } from '../../engine/units.js'
import { failureText, replayCommand } from '../runner.js'
import type { PricePoint, Trace } from '../trace.js'
import { type Chart, chartSvg, type Mark } from './chart.js'
import type { ToldRun } from './json.js'
import { escaped } from './junit.js'
import { page, table } from './page.js'

export function htmlReport(runs: readonly ToldRun[]): string {
  const failed = runs.filter(({ result }) => !result.ok).length
  return page('Scenarios', [
    `<p>${runs.length} told, <span class="${failed === 0 ? 'ok' : 'failed'}">${failed} failed</span>.</p>`,
    ...runs.map(runSection),
  ])
}

/** One run: what failed, what happened, and how to tell it again. */
export function runSection({ file, result }: ToldRun): string {
  return [
    `<h2>${escaped(result.scenario)} <small class="${result.ok ? 'ok' : 'failed'}">${result.ok ? 'holds' : 'failed'}</small></h2>`,
    `<p>${escaped(result.story)}</p>`,
    `<p><code>${escaped(replayCommand(file, result.seed))}</code><br>${result.checks} checks, journal ${result.sha256.slice(0, 16)}</p>`,
    ...(result.ok ? [] : [`<pre class="failed">${escaped(failureText(result, file))}</pre>`]),
    ...(result.trace === null ? [] : traced(result.trace)),
    '<h3>Steps</h3>',
    table(
      ['at', 'step', 'given', 'note'],
      result.steps.map(({ at_ms, name, input, note }) => [
        `${at_ms} ms`,
        name,
        { html: `<code>${escaped(cut(input))}</code>` },
        note ?? '',
      ]),
    ),
  ].join('\n')
}

function traced(trace: Trace): string[] {
  const to_ms = Math.max(1, trace.ended_ms)
  const frame = { from_ms: 0, to_ms }
  return [
    ...[...trace.prices].filter(isShown(trace)).map(([market, points]) =>
      block(`Price: ${market}`, {
        ...frame,
        title: market,
        decimals: 9,
        series: [
          {
            name: 'best bid',
            colour: '#1a7f37',
            points: points.map(({ at_ms, bid_1e9 }) => ({ at_ms, value: bid_1e9 })),
          },
          {
            name: 'best ask',
            colour: '#cf222e',
            points: points.map(({ at_ms, ask_1e9 }) => ({ at_ms, value: ask_1e9 })),
          },
        ],
        marks: [
          ...tradeMarks(trace, market),
          ...fillMarks(trace, market),
          ...faultMarks(trace, market),
        ],
      }),
    ),
    '<h3>Orders</h3>',
    table(
      ['client', 'symbol', 'side', 'type', 'quantity', 'filled', 'average', 'state', 'reason'],
      trace.orders.map(({ client, order }) => [
        client + (order.is_sandbox ? '' : ' (live)'),
        order.symbol,
        order.side,
        `${order.order_type} ${order.tif}`,
        formatDecimal(order.qty_1e8, 8),
        formatDecimal(order.filled_qty_1e8, 8),
        order.avg_fill_price_1e9 === null ? '' : formatDecimal(order.avg_fill_price_1e9, 9),
        order.status,
        order.failure_message ?? '',
      ]),
    ),
    '<h3>Fills</h3>',
    table(
      ['at', 'client', 'venue', 'symbol', 'side', 'price', 'quantity', 'fee', 'as'],
      trace.fills.map(({ client, at_ms, fill }) => [
        `${at_ms} ms`,
        client,
        fill.venue,
        fill.symbol,
        fill.side,
        formatDecimal(fill.px_1e9, 9),
        formatDecimal(fill.qty_1e8, 8),
        formatDecimal(fill.fee_usd_1e9, 9),
        fill.liquidity,
      ]),
    ),
    '<h3>Faults</h3>',
    table(
      ['at', 'fault', 'venue', 'on'],
      trace.faults.map(({ at_ms, firing }) => [
        `${at_ms} ms`,
        `${firing.type} (${firing.id})`,
        firing.venue,
        firing.on,
      ]),
    ),
    ...[...trace.balances]
      .filter(([, points]) => points.length > 1)
      .map(([name, points]) =>
        block(`Balance: ${name}`, {
          ...frame,
          title: name,
          decimals: 8,
          series: [
            {
              name: 'held',
              colour: '#0969da',
              points: points.map(({ at_ms, qty_1e8 }) => ({ at_ms, value: qty_1e8 })),
            },
            {
              name: 'locked',
              colour: '#9a6700',
              points: points.map(({ at_ms, locked_1e8 }) => ({ at_ms, value: locked_1e8 })),
            },
          ],
          marks: [],
        }),
      ),
  ]
}

const block = (title: string, chart: Chart): string =>
  `<h3>${escaped(title)}</h3>\n${chartSvg(chart)}`

const tradeMarks = (trace: Trace, market: string): Mark[] =>
  (trace.trades.get(market) ?? []).map(({ at_ms, price_1e9, qty_1e8, taker_side }) => ({
    at_ms,
    value: price_1e9,
    shape: 'dot',
    colour: '#8888',
    title: `trade: ${taker_side} ${formatDecimal(qty_1e8, 8)} at ${formatDecimal(price_1e9, 9)}`,
  }))

/** A market that had a price or a trade; the others a venue lists are not worth a chart. */
const isShown =
  (trace: Trace) =>
  ([market, points]: readonly [string, readonly PricePoint[]]): boolean =>
    trace.trades.has(market) ||
    points.some(({ bid_1e9, ask_1e9 }) => bid_1e9 !== null || ask_1e9 !== null)

/** Fills of clients, on the chart of the market they happened in; a book is told in YES. */
const fillMarks = (trace: Trace, market: string): Mark[] =>
  trace.fills
    .filter((one) => one.market === market)
    .map(({ client, at_ms, fill }) => ({
      at_ms,
      value: fill.symbol.endsWith(':NO') ? PRICE_SCALE - fill.px_1e9 : fill.px_1e9,
      shape: fill.side === 'buy' ? 'up' : 'down',
      colour: fill.side === 'buy' ? '#1a7f37' : '#cf222e',
      title: `${client}: ${fill.side} ${formatDecimal(fill.qty_1e8, 8)} at ${formatDecimal(fill.px_1e9, 9)}`,
    }))

const faultMarks = (trace: Trace, market: string): Mark[] =>
  trace.faults
    .filter(({ firing }) => market.startsWith(`${firing.venue} `))
    .map(({ at_ms, firing }) => ({
      at_ms,
      value: null,
      shape: 'line',
      colour: '#bf3989',
      title: `${firing.type}: ${firing.on}`,
    }))

/** Longest input of a step that a report shows whole. */
const INPUT_MAX = 240
const cut = (text: string): string =>
  text.length <= INPUT_MAX ? text : `${text.slice(0, INPUT_MAX)} …`
