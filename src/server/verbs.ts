/**
 * Verbs: the command line's calls of a running server, one HTTP call each.
 *
 * @see spec section 10
 * @module
 */

import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Json, JsonError, numberText, parseJson, stringifyJson } from '../wire/json.js'
import { type ApiClient, apiClient, property } from './client.js'
import { table } from './table.js'
import { UsageError } from './usage-error.js'

export interface VerbContext {
  readonly print: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
}

interface Common {
  url?: string
  key?: string
  live?: boolean
  json?: boolean
}

/** The well-known demo keys: a server on a loopback address takes them. */
export const DEMO_TEST_KEY = `seq_test_${'1'.padStart(64, '0')}`
export const DEMO_LIVE_KEY = `seq_live_${'1'.padStart(64, '0')}`

const DEFAULT_URL = 'http://127.0.0.1:50052'

export function addVerbs(program: Command, { print, env }: VerbContext): void {
  /** A verb: its calls, and how its answer is shown unless `--json` asks for the answer itself. */
  const verb = (
    parent: Command,
    usage: string,
    about: string,
    run: (
      api: ApiClient,
      args: readonly string[],
      options: Readonly<Record<string, string | boolean | undefined>>,
    ) => Promise<Json>,
    show: (answer: Json) => string = (answer) => stringifyJson(answer),
  ): Command =>
    parent
      .command(usage)
      .description(about)
      .option('--url <url>', `server (default ${DEFAULT_URL}, or PAPERVENUE_URL)`)
      .option('--key <key>', 'API key (default the demo test key, or PAPERVENUE_KEY)')
      .option('--live', 'use the demo live key')
      .option('--json', 'print the answer as JSON')
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Command
        const options = command.opts<Common & Record<string, string | boolean | undefined>>()
        const key =
          options.key ?? env.PAPERVENUE_KEY ?? (options.live ? DEMO_LIVE_KEY : DEMO_TEST_KEY)
        const url = options.url ?? env.PAPERVENUE_URL ?? DEFAULT_URL
        const answer = await run(apiClient({ url, key }), command.args, options)
        print(options.json ? stringifyJson(answer) : show(answer))
      })

  const rows = (name: string, columns: readonly string[]) => (answer: Json) =>
    table(property(answer, name), columns)

  verb(
    program,
    'venues',
    'list the venues',
    (api) => api.call('GET', '/v1/venues'),
    rows('venues', ['venue', 'title', 'kinds', 'quote_assets', 'wire']),
  )
  verb(
    program,
    'symbols',
    'list the instruments',
    (api) => api.call('GET', '/v1/symbols'),
    rows('symbols', ['symbol', 'type', 'venues', 'tick_size_1e9', 'lot_size_1e8']),
  )
  verb(
    program,
    'quote <symbol>',
    'show the NBBO and each venue',
    (api, [symbol = '']) => api.call('GET', `/v1/quotes/${encodeURIComponent(symbol)}?depth=0`),
    showQuote,
  )
  verb(
    program,
    'positions',
    'list positions',
    (api) => api.call('GET', '/v1/positions'),
    rows('positions', [
      'venue',
      'instrument.kind',
      'instrument.symbol',
      'qty_1e8',
      'available_qty_1e8',
      'entry_price_usd_1e9',
      'current_price_usd_1e9',
      'unrealized_pnl_usd_1e9',
    ]),
  )
  verb(program, 'fees <symbol>', 'show fees per venue', (api, [symbol = '']) =>
    api.call('GET', `/v1/fees/${encodeURIComponent(symbol)}`),
  )
  verb(
    program,
    'fills',
    'list fills',
    (api, _args, { symbol }) => api.call('GET', `/v1/fills${filter({ symbol })}`),
    rows('fills', [
      'fill_id',
      'venue',
      'symbol',
      'side',
      'qty_1e8',
      'px_1e9',
      'fee_usd_1e9',
      'liquidity',
    ]),
  ).option('--symbol <symbol>', 'only this symbol')
  verb(
    program,
    'orders',
    'list orders',
    (api, _args, { symbol, status }) => api.call('GET', `/v1/orders${filter({ symbol, status })}`),
    rows('orders', [
      'node_order_id',
      'symbol',
      'side',
      'status',
      'qty_1e8',
      'filled_qty_1e8',
      'avg_fill_price_1e9',
      'failure_message',
    ]),
  )
    .option('--symbol <symbol>', 'only this symbol')
    .option('--status <status>', 'only this status')

  for (const side of ['buy', 'sell']) {
    verb(
      program,
      `${side} <symbol> <qty>`,
      `${side} at market, or at a limit price`,
      (api, [symbol, qty = ''], { price, venue, tif }) =>
        api.call('POST', '/v1/orders', {
          symbol,
          side,
          qty: amount('qty', qty),
          ...(typeof price === 'string' && { price: amount('--price', price) }),
          ...(typeof venue === 'string' && { venue }),
          ...(typeof tif === 'string' && { tif }),
        }),
      showGraph,
    )
      .option('--price <price>', 'limit price')
      .option('--venue <venue>', 'pin to one venue')
      .option('--tif <tif>', 'gtc, ioc, fok or post_only')
  }
  const order = (id: string) => `/v1/orders/${encodeURIComponent(id)}`
  verb(
    program,
    'cancel <id>',
    'cancel an order, by its id or its graph id',
    (api, [id = '']) => api.call('DELETE', order(id)),
    showOrder,
  )
  verb(
    program,
    'amend <id>',
    'change price or quantity',
    (api, [id = ''], { price, qty }) =>
      api.call('PATCH', order(id), {
        ...(typeof price === 'string' && { new_price: amount('--price', price) }),
        ...(typeof qty === 'string' && { new_qty: amount('--qty', qty) }),
      }),
    showOrder,
  )
    .option('--price <price>', 'new limit price')
    .option('--qty <qty>', 'new total quantity')
  verb(
    program,
    'decrease <id>',
    'take quantity off and keep the place in the queue',
    (api, [id = ''], { by }) =>
      api.call('PATCH', order(id), { decrease_by: amount('--by', String(by)) }),
    showOrder,
  ).requiredOption('--by <qty>', 'how much')
  verb(program, 'redeem <slug>', 'redeem a resolved market', (api, [slug = ''], { venue }) =>
    api.call('POST', `/v1/markets/${encodeURIComponent(slug)}/redeem${filter({ venue })}`),
  ).option('--venue <venue>', 'venue of the market')
  verb(
    program,
    'trace <id>',
    'show an order with its fills',
    async (api, [id = '']) => {
      const found = await api.call('GET', order(id))
      const fills = property(await api.call('GET', '/v1/fills?limit=1000'), 'fills')
      const own = Array.isArray(fills)
        ? fills.filter((fill) => property(fill, 'node_order_id') === id)
        : []
      return { order: found, fills: own }
    },
    showTrace,
  )

  const sandbox = program.command('sandbox').description('the paper portfolio')
  verb(sandbox, 'reset', 'seed flat balances on all venues', (api) =>
    api.call('POST', '/v1/sandbox/reset'),
  )
  verb(
    sandbox,
    'settings',
    'show or set the balance that a reset seeds',
    (api, _args, { balance }) =>
      typeof balance === 'string'
        ? api.call('PUT', '/v1/sandbox/settings', {
            initial_balance_usd: amount('--balance', balance),
          })
        : api.call('GET', '/v1/sandbox/settings'),
  ).option('--balance <usd>', 'new amount')
  verb(sandbox, 'set <file>', 'set positions from a JSON file', (api, [file = ''], { replace }) => {
    const content = fileJson(file)
    const positions = Array.isArray(content) ? content : property(content, 'positions')
    return api.call('POST', '/v1/sandbox/positions', {
      positions,
      replace: replace === true || property(content, 'replace') === true,
    })
  }).option('--replace', 'delete everything else first')

  const book = program.command('book').description('the books, through control')
  verb(book, 'push <file>', 'set the depth of a book from a JSON file', (api, [file = '']) =>
    api.call('POST', '/control/set-depth', fileJson(file)),
  )
  const market = program.command('market').description('prediction markets, through control')
  verb(
    market,
    'resolve <symbol> <outcome>',
    'resolve a market to YES or NO',
    (api, [symbol, outcome = ''], { venue }) => {
      if (outcome !== 'YES' && outcome !== 'NO') {
        throw new UsageError(`the outcome is ${outcome}; YES or NO is expected`)
      }
      return api.call('POST', '/control/resolve-market', {
        venue,
        symbol,
        yes_value: outcome === 'YES' ? 1 : 0,
      })
    },
  ).requiredOption('--venue <venue>', 'venue of the market')
}

const showQuote = (answer: Json): string => {
  const nbbo = property(answer, 'nbbo')
  const venues = property(answer, 'venues')
  const lines = Object.entries((venues ?? {}) as { [key: string]: Json }).map(([venue, of]) => ({
    venue,
    ...(of as { [key: string]: Json }),
  }))
  const all: Json[] = [{ venue: 'NBBO', ...((nbbo ?? {}) as { [key: string]: Json }) }, ...lines]
  return `${property(answer, 'symbol')} (${property(answer, 'source')})\n${table(all, ['venue', 'bid', 'bid_size', 'ask', 'ask_size', 'spread_bps', 'age_ms'])}`
}

const ORDER_COLUMNS = [
  'node_order_id',
  'symbol',
  'side',
  'status',
  'qty_1e8',
  'filled_qty_1e8',
  'limit_price_1e9',
  'avg_fill_price_1e9',
  'fees_usd_1e9',
]

const showOrder = (answer: Json): string => table([answer], ORDER_COLUMNS)

const showGraph = (answer: Json): string =>
  table(property(answer, 'nodes'), ['node_order_id', 'status', 'failure_reason', 'failure_message'])

const showTrace = (answer: Json): string => {
  const order = property(answer, 'order')
  return [
    table(order === undefined ? [] : [order], [...ORDER_COLUMNS, 'failure_message']),
    table(property(answer, 'fills'), [
      'ts_ns',
      'venue',
      'qty_1e8',
      'px_1e9',
      'fee_usd_1e9',
      'liquidity',
    ]),
  ].join('\n\n')
}

/** An amount keeps its digits on the way. @throws UsageError when it is no number. */
function amount(name: string, text: string) {
  if (/^\d+(?:\.\d+)?$/.test(text)) return numberText(text.replace(/^0+(?=\d)/, ''))
  throw new UsageError(`${name} is ${JSON.stringify(text)}; a number is expected`)
}

function filter(given: Readonly<Record<string, string | boolean | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string') query.set(name, value)
  }
  return query.size === 0 ? '' : `?${query}`
}

function fileJson(path: string): Json {
  try {
    return parseJson(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof JsonError || (error as NodeJS.ErrnoException).code !== undefined) {
      throw new UsageError(`${path}: ${(error as Error).message}`)
    }
    throw error
  }
}
