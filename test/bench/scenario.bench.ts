/**
 * Scenarios: how fast stories are told, time is travelled and accounts are made.
 *
 * - Seeds: a story of ten steps (funding, three books, two orders, a cancel, a print, two expectations),
 *   as a regression hunt sweeps it, on two workers, each seed on a sandbox of its own.
 * - Branch: a venue with 10,000 resting orders, as a busy market has, of the house and of clients, alone and
 *   with the whole sandbox; what the first change on a branch costs more; the same venue as bytes.
 * - Account: a client on a sandbox that is warm, as every test makes one.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlOf } from '../../src/control/actions.js'
import { takeSnapshot } from '../../src/control/timeline.js'
import { createSandbox } from '../../src/sandbox.js'
import { sweep } from '../../src/scenario/sweep.js'
import { venueExchange } from '../../src/venue/exchange-port.js'
import { VenueHost } from '../../src/venue/host.js'
import { manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { money } from '../../venues/kraken/fees.js'
import { instruments } from '../../venues/kraken/instruments.js'

const STORY = {
  scenario: 'ten steps',
  steps: [
    {
      do: 'set-balances',
      client_id: 'alice',
      replace: true,
      positions: [{ venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: 100000 }],
    },
    { do: 'set-depth', venue: 'kraken', symbol: 'BTC-USD', bids: [[60000, 1]], asks: [[60010, 1]] },
    { do: 'order', id: 'take', symbol: 'BTC-USD', venue: 'kraken', side: 'buy', qty: 0.1 },
    { do: 'advance-clock', ms: 500 },
    { do: 'set-depth', venue: 'kraken', symbol: 'BTC-USD', bids: [[60001, 1]], asks: [[60011, 1]] },
    {
      do: 'order',
      id: 'rest',
      symbol: 'BTC-USD',
      venue: 'kraken',
      side: 'buy',
      qty: 0.1,
      price: 60000,
    },
    {
      do: 'print-trade',
      venue: 'kraken',
      symbol: 'BTC-USD',
      price: 60001,
      qty: 0.2,
      taker_side: 'sell',
    },
    { do: 'cancel', order: 'rest' },
    { do: 'expect-order', order: 'take', status: 'FILLED' },
    { do: 'expect-conserved' },
  ],
}

export async function run(print: (line: string) => void): Promise<void> {
  await seeds(print, Number(process.env.PAPERVENUE_SEEDS ?? 200))
  await branches(print)
  await accounts(print)
}

async function seeds(print: (line: string) => void, count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'papervenue-bench-'))
  try {
    const file = join(folder, 'ten-steps.json')
    await writeFile(file, JSON.stringify(STORY))
    const { seeds_per_second, runs } = await sweep({
      files: [file],
      seeds: { from: 1, to: count },
      workers: 2,
      worker: new URL('../../src/server/sweep-worker.js', import.meta.url),
      given: new Map(),
    })
    const failed = runs.filter(({ ok }) => !ok)
    if (failed.length > 0) throw new Error(failed[0]?.failure ?? 'a run failed')
    print(
      `seeds ${count} of a ten-step scenario on two workers ${seeds_per_second.toFixed(1)} per second`,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function branches(print: (line: string) => void): Promise<void> {
  const sandbox = await createSandbox({ store: 'memory', seed: 1 })
  const mock = sandbox.venues.get('kraken')?.mock
  if (mock == null) throw new Error('kraken has no mock')
  const { admin } = mock
  // Ten thousand price levels of the house are ten thousand resting orders.
  const level = (price: number) => ({
    price_1e9: BigInt(price) * 100_000_000n,
    qty_1e8: 10_000_000n,
  })
  admin.setDepth('XXBTZUSD', {
    bids: Array.from({ length: 5_000 }, (_, n) => level(600_000 - n)),
    asks: Array.from({ length: 5_000 }, (_, n) => level(600_100 + n)),
  })
  await sandbox.settle()
  const whole = () => takeSnapshot(sandbox.control)
  const [branch_ms, bytes_ms, whole_ms] = [
    await median(() => admin.image(), 100),
    await median(() => admin.snapshot(), 10),
    await median(whole, 100),
  ]
  print(`branch venue with 10,000 resting orders of the house ${branch_ms} ms`)
  print(`branch whole sandbox with 10,000 resting orders ${whole_ms} ms (aim: under 2)`)
  print(`venue as bytes with 10,000 resting orders ${bytes_ms} ms`)
  print(`ratio venue-branch-to-bytes ${(Number(branch_ms) / Number(bytes_ms)).toFixed(4)}`)
  // A branch is worth what both sides cost afterwards: the first change copies what it touches.
  const change = (n: number) => {
    const taker_side = n % 2 === 0 ? 'buy' : 'sell'
    admin.print('XXBTZUSD', { ...level(600_050), taker_side })
  }
  let n = 0
  const alone_ms = await median(() => change(n++), 100)
  const after_ms = await median(() => {
    admin.image()
    change(n++)
  }, 100)
  print(`branch and a print on it ${after_ms} ms, the print alone ${alone_ms} ms`)
  await sandbox.close()
  const host = crowded()
  const clients_ms = await median(() => host.image(), 100)
  print(`branch venue with 10,000 resting orders of 100 clients ${clients_ms} ms (aim: under 2)`)
}

/** A venue with ten thousand orders of clients, with records, texts and client ids. */
function crowded(): VenueHost<null> {
  const host = new VenueHost<null>({
    id: 'bench',
    world: seededWorld({ seed: 1, clock: manualClock() }),
    exchange: venueExchange({ rules: money }),
    instruments,
    orderText: (id) => `order-${id}`,
    fillText: (id) => `fill-${id}`,
    reducer: { initial: () => null, reduce: () => undefined },
  })
  for (let nth = 0; nth < 10_000; nth++) {
    if (nth % 100 === 0) {
      const label = `client ${nth / 100}`
      host.apply({ type: 'open-account', label, credentials: {}, key: label, stp_group: null })
    }
    const { account_id } = host.accounts().at(-1) ?? {}
    if (account_id === undefined) throw new Error('no account')
    if (nth % 100 === 0) {
      host.apply({ type: 'set-balance', account_id, asset: 'USD', total_1e8: 10n ** 15n })
    }
    host.place({
      account_id,
      instrument: 'XXBTZUSD',
      side: 'buy',
      price_ticks: 500_000 - nth,
      qty_lots: 1_000_000,
      quote_budget_1e8: null,
      time_in_force: 'gtc',
      expire_ts_us: null,
      post_only: 'no',
      reduce_only: false,
      self_trade: 'cancel-taker',
      fee_in: 'quote',
      margin: 'cross',
      client_order_id: `c-${nth}`,
      data: { userref: nth },
    })
  }
  const open = host
    .accounts()
    .reduce((sum, { account_id }) => sum + host.records.openCount(account_id), 0)
  if (open !== 10_000) throw new Error(`${open} orders rest`)
  return host
}

async function accounts(print: (line: string) => void): Promise<void> {
  const sandbox = await createSandbox({ store: 'memory', seed: 1 })
  const control = controlOf(sandbox.control)
  print(`account fresh client with its keys ${await median(() => sandbox.account(), 500)} ms`)
  const funded = async () => {
    const { test } = sandbox.account()
    await sandbox.desk.configure(
      test,
      [{ venue: 'kraken', kind: 'fiat', symbol: 'USD', qty_1e8: 10n ** 13n }],
      true,
    )
  }
  print(`account fresh client, funded and durable ${await median(funded, 200)} ms`)
  await control.do('advance-clock', { ms: 0 })
  await sandbox.close()
  const whole = async () => (await createSandbox({ store: 'memory', seed: 1 })).close()
  print(`account fresh sandbox of all venues, opened and closed ${await median(whole, 20)} ms`)
}

async function median(work: () => unknown, times: number): Promise<string> {
  const took: number[] = []
  for (let n = 0; n < times + 3; n += 1) {
    const start = performance.now()
    await work()
    if (n >= 3) took.push(performance.now() - start)
  }
  return (took.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0).toFixed(3)
}
