import { expect, test } from 'vitest'
import { parseScenario } from '../../../src/scenario/document.js'
import { failureText, runScenario } from '../../../src/scenario/runner.js'
import { stage } from '../../../src/server/stage.js'

const told = (steps: readonly object[], agents: readonly object[] = []) =>
  runScenario(
    parseScenario(JSON.stringify({ scenario: 'patience', steps, agents }), {
      file: 'patience.json',
      venues: stage.venues,
    }),
    { stage },
  )

const market = { venue: 'coinbase', symbol: 'BTC-USD' }
const ready = [
  {
    do: 'set-balances',
    client_id: 'alice',
    replace: true,
    positions: [{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 100000 }],
  },
  { do: 'set-depth', ...market, asks: [[60000, 1]] },
]
const ORDERS = { action: 'create-order' }
const buy = { do: 'order', id: 'o', ...market, side: 'buy', qty: 0.1 }

test.each(['api', 'coinbase'])(
  'a client waits for an answer that latency on %s holds back, and time passes for it',
  async (venue) => {
    const result = await told([
      ...ready,
      {
        do: 'inject-fault',
        fault: { type: 'latency', venue, request_ms: 300, answer_ms: 200, match: ORDERS },
      },
      buy,
      { do: 'expect-order', order: 'o', status: 'FILLED' },
      { do: 'cancel', order: 'o' },
    ])
    expect(result.ok ? '' : failureText(result, 'patience.json')).toBe('')
    const [placed, looked] = result.steps.slice(3)
    expect((looked?.at_ms ?? 0) - (placed?.at_ms ?? 0)).toBe(500)
  },
)

test('agents act while somebody waits', async () => {
  const maker = { agent: 'maker', ...market, every: '50ms', mid: 60000, half_spread: 5, step: 1 }
  const result = await told(
    [
      ...ready,
      { do: 'inject-fault', fault: { type: 'latency', venue: 'api', request_ms: 400 } },
      { do: 'request', method: 'GET', path: '/v1/orders', status: 200 },
      { do: 'expect-book', ...market, ask: { max: 60100 } },
    ],
    [{ ...maker, qty: 1 }],
  )
  expect(result.ok ? '' : failureText(result, 'patience.json')).toBe('')
  expect(result.steps.at(-1)?.at_ms).toBe(400)
})

test('a connection that hangs breaks after its time and not before', async () => {
  const hung = { type: 'lost-ack', venue: 'api', hang_ms: 5_000 }
  const result = await told([
    ...ready,
    { do: 'inject-fault', fault: { ...hung, match: ORDERS } },
    buy,
    { do: 'expect-orders', count: 1 },
  ])
  expect(result.ok ? '' : failureText(result, 'patience.json')).toBe('')
  expect(result.steps.at(-1)?.at_ms).toBe(5_000)
})

test('agents act while a step moves the clock', async () => {
  const maker = { agent: 'maker', ...market, every: '100ms', mid: 60000, half_spread: 5, step: 9 }
  const seen: number[] = []
  const scenario = parseScenario(
    JSON.stringify({
      scenario: 'crowd',
      steps: [{ do: 'advance-clock', ms: 1_000 }],
      agents: [{ ...maker, qty: 1 }],
    }),
    { file: 'crowd.json', venues: stage.venues },
  )
  const { trace } = await runScenario(scenario, { stage, trace: true })
  for (const { at_ms } of trace?.prices.get('coinbase BTC-USD') ?? []) seen.push(at_ms)
  expect([...new Set(seen)]).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
})
