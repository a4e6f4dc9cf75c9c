/**
 * Examples: what each call of the sandbox API is sent and answers at these venues, for its documentation.
 *
 * Answers of a running server, shortened to one row where lists are long. Large integers are exact here.
 *
 * @module
 */

/** By method and path, as in `POST /v1/orders`. */
export const EXAMPLES: Readonly<
  Record<string, { readonly body?: unknown; readonly answer: unknown }>
> = {
  'POST /v1/sandbox/reset': {
    answer: { reset: true, initial_balance_usd: 1000000000, venues_seeded: 9 },
  },
  'PUT /v1/sandbox/settings': {
    body: { initial_balance_usd: 100000 },
    answer: { initial_balance_usd: 100000 },
  },
  'GET /v1/sandbox/settings': { answer: { initial_balance_usd: 100000 } },
  'POST /v1/sandbox/positions': {
    body: {
      replace: true,
      positions: [
        { venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: 100000 },
        {
          venue: 'kalshi',
          kind: 'event_contract',
          symbol: 'KXTEST-99DEC31-T60:YES',
          qty: 100,
          entry_price_usd: 0.4,
        },
      ],
    },
    answer: { written: 2, deleted: 15 },
  },
  'GET /v1/quotes/{symbol}': {
    answer: {
      symbol: 'BTC-USD',
      nbbo: { bid: 59990, ask: 60010, mid: 60000, spread_bps: 3.3333 },
      venues: {
        coinbase: { bid: 59985, ask: 60015, bid_size: 1, ask_size: 1, age_ms: 0 },
        cryptocom: { bid: 0, ask: 0, bid_size: 0, ask_size: 0, age_ms: 0 },
        kraken: { bid: 59990, ask: 60010, bid_size: 1, ask_size: 1, age_ms: 0 },
      },
      source: 'edge_nbbo',
      book: { bids: [[59990, 1, 'kraken']], asks: [[60010, 1, 'kraken']] },
    },
  },
  'GET /v1/quotes': {
    answer: {
      quotes: [
        {
          symbol: 'BTC-USD',
          nbbo: { bid: 59990, ask: 60010, mid: 60000, spread_bps: 3.3333 },
          venues: {
            coinbase: { bid: 59985, ask: 60015, bid_size: 1, ask_size: 1, age_ms: 0 },
            cryptocom: { bid: 0, ask: 0, bid_size: 0, ask_size: 0, age_ms: 0 },
            kraken: { bid: 59990, ask: 60010, bid_size: 1, ask_size: 1, age_ms: 0 },
          },
          source: 'edge_nbbo',
        },
      ],
    },
  },
  'POST /v1/quotes_batch': {
    body: { symbols: ['BTC-USD', 'NOPE-USD'], depth: 1 },
    answer: {
      quotes: [
        {
          symbol: 'BTC-USD',
          nbbo: { bid: 59990, ask: 60010, mid: 60000, spread_bps: 3.3333 },
          venues: {
            coinbase: { bid: 59985, ask: 60015, bid_size: 1, ask_size: 1, age_ms: 0 },
            cryptocom: { bid: 0, ask: 0, bid_size: 0, ask_size: 0, age_ms: 0 },
            kraken: { bid: 59990, ask: 60010, bid_size: 1, ask_size: 1, age_ms: 0 },
          },
          source: 'edge_nbbo',
          book: { bids: [[59990, 1, 'kraken']], asks: [[60010, 1, 'kraken']] },
        },
      ],
      errors: [{ symbol: 'NOPE-USD', code: 'NOT_FOUND', message: 'unknown symbol NOPE-USD' }],
    },
  },
  'GET /v1/symbols': {
    answer: {
      symbols: [
        {
          symbol: 'BTC-USDT',
          type: 'spot',
          venues: ['binance', 'bitget', 'cryptocom', 'kraken'],
          tick_size_1e9: 10000000,
          lot_size_1e8: 1000,
          min_qty_1e8: 1000,
          min_notional_1e9: 5000000000,
        },
      ],
    },
  },
  'GET /v1/pairs/{symbol}/venues': {
    answer: {
      symbol: 'BTC-USD',
      venues: [
        { venue: 'coinbase', venue_symbol: 'BTC-USD' },
        { venue: 'cryptocom', venue_symbol: 'BTC_USD' },
        { venue: 'kraken', venue_symbol: 'XXBTZUSD' },
      ],
    },
  },
  'GET /v1/fees/{symbol}': {
    answer: {
      symbol: 'BTC-USD',
      venues: {
        coinbase: { maker_bps: 60, taker_bps: 120 },
        cryptocom: { maker_bps: 25, taker_bps: 50 },
        kraken: { maker_bps: 25, taker_bps: 40 },
      },
    },
  },
  'GET /v1/price_history/{symbol}': {
    answer: {
      symbol: 'BTC-USD',
      interval: '1m',
      candles: [
        {
          start_ts_ns: 1789999980000000000,
          open: 60000,
          high: 60000,
          low: 60000,
          close: 60000,
          tick_count: 1,
          volume: 0,
          trade_count: 0,
        },
      ],
    },
  },
  'GET /v1/fair_price': {
    answer: {
      fair_prices: [
        {
          underlying: 'BTC',
          price: 60000,
          price_usd_1e9: 60000000000000,
          sources: [
            { venue: 'coinbase', symbol: 'BTC-USD', mid: 60000 },
            { venue: 'kraken', symbol: 'BTC-USD', mid: 60000 },
          ],
          ts_ns: 1790000000000000000,
        },
      ],
    },
  },
  'POST /v1/orders/preview': {
    body: { symbol: 'BTC-USD', side: 'buy', qty: 0.5, venue: 'kraken' },
    answer: {
      symbol: 'BTC-USD',
      side: 'buy',
      qty_1e8: 50000000,
      legs: [
        {
          venue: 'kraken',
          qty_1e8: 50000000,
          avg_px_1e9: 60010000000000,
          fee_bps: 40,
          latency_ms: 60,
          landed_cost_bps: 40.6,
        },
      ],
      est_avg_px_1e9: 60010000000000,
      est_fee_usd_1e9: 120020000000,
      est_cost_bps: 40.6,
      unfilled_qty_1e8: 0,
      guards: [],
    },
  },
  'POST /v1/orders': {
    body: { graph_id: 'first', symbol: 'BTC-USD', venue: 'kraken', side: 'buy', qty: 0.5 },
    answer: {
      graph_id: 'first',
      status: 'ACCEPTED',
      is_sandbox: true,
      nodes: [
        {
          node_id: 'n0',
          node_order_id: 'graph:first:n0:1',
          status: 'FILLED',
          failure_reason: null,
          failure_message: null,
        },
      ],
      edges: [],
      created_at_ns: 1790000000000000000,
    },
  },
  'GET /v1/positions': {
    answer: {
      positions: [
        {
          id: 17,
          venue: 'kraken',
          instrument: { kind: 'crypto', symbol: 'BTC' },
          qty_1e8: 50000000,
          locked_qty_1e8: 0,
          available_qty_1e8: 50000000,
          entry_price_usd_1e9: 60010000000000,
          current_price_usd_1e9: 60000000000000,
          current_value_usd_1e9: 30000000000000,
          unrealized_pnl_usd_1e9: -5000000000,
          realized_pnl_usd_1e9: 0,
          fees_usd_1e9: 120020000000,
          lifecycle: { state: 'active' },
          transferable: true,
          settled: false,
          settled_mark_usd_1e9: null,
        },
      ],
    },
  },
  'POST /v1/positions/sync': { answer: { synced: true, venues: [] } },
  'GET /v1/fills': {
    answer: {
      fills: [
        {
          fill_id: 'fill:first:n0:1',
          node_order_id: 'graph:first:n0:1',
          graph_id: 'first',
          venue: 'kraken',
          symbol: 'BTC-USD',
          side: 'buy',
          px_1e9: 60010000000000,
          qty_1e8: 50000000,
          fee_usd_1e9: 120020000000,
          liquidity: 'taker',
          queue_ahead_1e8: null,
          is_sandbox: true,
          ts_ns: 1790000000000000000,
          explanation: {
            rule: 'took a level of the book',
            qty_lower_1e8: 50000000,
            qty_upper_1e8: 50000000,
            price_lower_1e9: 60010000000000,
            price_upper_1e9: 60010000000000,
            queue_ahead_1e8: [],
          },
        },
      ],
    },
  },
  'GET /v1/orders': {
    answer: {
      orders: [
        {
          node_order_id: 'graph:second:n0:1',
          graph_id: 'second',
          node_id: 'n0',
          symbol: 'BTC-USD',
          instrument_type: 'spot',
          side: 'buy',
          order_type: 'limit',
          tif: 'gtc',
          venue: 'kraken',
          qty_1e8: 10000000,
          filled_qty_1e8: 0,
          limit_price_1e9: 59000000000000,
          avg_fill_price_1e9: null,
          fees_usd_1e9: 0,
          status: 'WORKING',
          failure_reason: null,
          failure_message: null,
          is_sandbox: true,
          routing_version: 1,
          routing: [
            {
              venue: 'kraken',
              qty_1e8: 10000000,
              avg_px_1e9: null,
              fee_bps: 25,
              latency_ms: 60,
              landed_cost_bps: 0,
            },
          ],
          children: [
            {
              child_id: 'demo/2/1',
              venue: 'kraken',
              qty_1e8: 10000000,
              filled_qty_1e8: 0,
              status: 'WORKING',
            },
          ],
          created_at_ns: 1790000000000000000,
          updated_at_ns: 1790000000000000000,
        },
      ],
    },
  },
  'GET /v1/orders/{node_order_id}': {
    answer: {
      node_order_id: 'graph:second:n0:1',
      graph_id: 'second',
      node_id: 'n0',
      symbol: 'BTC-USD',
      instrument_type: 'spot',
      side: 'buy',
      order_type: 'limit',
      tif: 'gtc',
      venue: 'kraken',
      qty_1e8: 10000000,
      filled_qty_1e8: 0,
      limit_price_1e9: 59000000000000,
      avg_fill_price_1e9: null,
      fees_usd_1e9: 0,
      status: 'WORKING',
      failure_reason: null,
      failure_message: null,
      is_sandbox: true,
      routing_version: 1,
      routing: [
        {
          venue: 'kraken',
          qty_1e8: 10000000,
          avg_px_1e9: null,
          fee_bps: 25,
          latency_ms: 60,
          landed_cost_bps: 0,
        },
      ],
      children: [
        {
          child_id: 'demo/2/1',
          venue: 'kraken',
          qty_1e8: 10000000,
          filled_qty_1e8: 0,
          status: 'WORKING',
        },
      ],
      created_at_ns: 1790000000000000000,
      updated_at_ns: 1790000000000000000,
    },
  },
  'PATCH /v1/orders/{node_order_id}': {
    body: { new_price: 59100 },
    answer: {
      node_order_id: 'graph:second:n0:1',
      graph_id: 'second',
      node_id: 'n0',
      symbol: 'BTC-USD',
      instrument_type: 'spot',
      side: 'buy',
      order_type: 'limit',
      tif: 'gtc',
      venue: 'kraken',
      qty_1e8: 10000000,
      filled_qty_1e8: 0,
      limit_price_1e9: 59100000000000,
      avg_fill_price_1e9: null,
      fees_usd_1e9: 0,
      status: 'WORKING',
      failure_reason: null,
      failure_message: null,
      is_sandbox: true,
      routing_version: 1,
      routing: [
        {
          venue: 'kraken',
          qty_1e8: 10000000,
          avg_px_1e9: null,
          fee_bps: 25,
          latency_ms: 60,
          landed_cost_bps: 0,
        },
      ],
      children: [
        {
          child_id: 'demo/2/1',
          venue: 'kraken',
          qty_1e8: 10000000,
          filled_qty_1e8: 0,
          status: 'WORKING',
        },
      ],
      created_at_ns: 1790000000000000000,
      updated_at_ns: 1790000000000000000,
      mode: 'cancel_replace',
    },
  },
  'GET /v1/execution_graphs/{graph_id}': {
    answer: {
      graph_id: 'second',
      status: 'ACCEPTED',
      is_sandbox: true,
      nodes: [
        {
          node_id: 'n0',
          node_order_id: 'graph:second:n0:1',
          status: 'WORKING',
          failure_reason: null,
          failure_message: null,
        },
      ],
      edges: [],
      created_at_ns: 1790000000000000000,
    },
  },
  'DELETE /v1/orders/{node_order_id}': {
    answer: {
      node_order_id: 'graph:second:n0:1',
      graph_id: 'second',
      node_id: 'n0',
      symbol: 'BTC-USD',
      instrument_type: 'spot',
      side: 'buy',
      order_type: 'limit',
      tif: 'gtc',
      venue: 'kraken',
      qty_1e8: 10000000,
      filled_qty_1e8: 0,
      limit_price_1e9: 59100000000000,
      avg_fill_price_1e9: null,
      fees_usd_1e9: 0,
      status: 'CANCELLED',
      failure_reason: null,
      failure_message: null,
      is_sandbox: true,
      routing_version: 1,
      routing: [
        {
          venue: 'kraken',
          qty_1e8: 10000000,
          avg_px_1e9: null,
          fee_bps: 25,
          latency_ms: 60,
          landed_cost_bps: 0,
        },
      ],
      children: [
        {
          child_id: 'demo/2/1',
          venue: 'kraken',
          qty_1e8: 10000000,
          filled_qty_1e8: 0,
          status: 'CANCELLED',
        },
      ],
      created_at_ns: 1790000000000000000,
      updated_at_ns: 1790000000000000000,
    },
  },
  'DELETE /v1/execution_graphs/{graph_id}': {
    answer: {
      graph_id: 'third',
      status: 'ACCEPTED',
      is_sandbox: true,
      nodes: [
        {
          node_id: 'n0',
          node_order_id: 'graph:third:n0:1',
          status: 'CANCELLED',
          failure_reason: null,
          failure_message: null,
        },
      ],
      edges: [],
      created_at_ns: 1790000000000000000,
    },
  },
  'PUT /v1/kill_switch': { body: { enabled: false }, answer: { enabled: false } },
  'GET /v1/markets': {
    answer: {
      markets: [
        {
          venue: 'kalshi',
          slug: 'KXTEST-99DEC31-T60',
          ticker: 'KXTEST-99DEC31-T60',
          question: 'KXTEST-99DEC31',
          outcomes: [
            { outcome: 'YES', token_id: null, symbol: 'KXTEST-99DEC31-T60:YES' },
            { outcome: 'NO', token_id: null, symbol: 'KXTEST-99DEC31-T60:NO' },
          ],
          status: 'active',
          resolved_outcome: null,
          close_ts_ns: null,
        },
      ],
      next_cursor: 'c1',
    },
  },
  'GET /v1/settlement/{slug}': {
    answer: {
      slug: 'KXTEST-99DEC31-T60',
      venue: 'kalshi',
      status: 'resolved',
      resolved_outcome: 'YES',
      settled_mark_usd_1e9: 1000000000,
      mode: 'auto_settled',
    },
  },
  'POST /v1/markets/{slug}/redeem': {
    answer: {
      slug: 'KXTEST-99DEC31-T60',
      venue: 'kalshi',
      mode: 'auto_settled',
      redeemed_qty_1e8: 10000000000,
      payout_usd_1e9: 100000000000,
    },
  },
  'POST /v1/api_keys': {
    body: { label: 'ci', sandbox: true },
    answer: {
      key_id: 'key_5e5e5e',
      key: 'seq_test_5e5e...',
      label: 'ci',
      sandbox: true,
      created_at_ns: 1790000000000000000,
    },
  },
  'GET /v1/api_keys': {
    answer: {
      api_keys: [
        {
          key_id: 'key_5e5e5e',
          label: 'ci',
          sandbox: true,
          prefix: 'seq_test_5e5e5e',
          created_at_ns: 1790000000000000000,
          revoked: false,
        },
      ],
    },
  },
  'GET /v1/health': { answer: { status: 'ok' } },
  'GET /v1/venues': {
    answer: {
      venues: [
        {
          venue: 'kraken',
          title: 'Kraken',
          kinds: ['spot'],
          quote_assets: ['USD', 'USDC', 'USDT'],
          wire: true,
          heartbeat: { state: 'live', last_ts_ns: 1790000000000000000 },
        },
      ],
    },
  },
  'GET /v1/ws/ticket': { answer: { ticket: 'wst_5e5e5e5e...' } },
  'GET /v1/credentials': { answer: { credentials: [] } },
  'POST /v1/api_keys/{key_id}/rotate': {
    answer: {
      key_id: 'key_5e5e5e',
      key: 'seq_test_7a7a...',
      label: 'ci',
      sandbox: true,
      created_at_ns: 1790000000000000000,
    },
  },
  'DELETE /v1/api_keys/{key_id}': { answer: { revoked: true } },
  'GET /v1/intelligence/depth': {
    answer: {
      symbol: 'BTC-USD',
      bids: [{ price: 59990, size: 1, venues: { kraken: 1 } }],
      asks: [{ price: 60010, size: 1, venues: { kraken: 1 } }],
    },
  },
  'GET /v1/intelligence/slippage': {
    answer: {
      symbol: 'BTC-USD',
      side: 'buy',
      curve: [
        {
          notional_usd: 100000,
          qty_1e8: 166638893,
          avg_px_1e9: 60013998999981,
          slippage_bps: 0.6663,
          cost_bps: 41.2664,
          unfilled_qty_1e8: 0,
          guards: [],
        },
      ],
    },
  },
  'GET /v1/intelligence/routing': {
    answer: {
      symbol: 'BTC-USD',
      side: 'buy',
      qty_1e8: 150000000,
      legs: [
        {
          venue: 'kraken',
          qty_1e8: 150000000,
          avg_px_1e9: 60013333333334,
          fee_bps: 40,
          latency_ms: 60,
          landed_cost_bps: 41.1555,
        },
      ],
      chosen: ['kraken'],
      est_cost_bps: 41.1555,
      unfilled_qty_1e8: 0,
      guards: [],
    },
  },
}
