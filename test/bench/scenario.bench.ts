/**
 * Scenarios: how fast stories are told, time is travelled and accounts are made.
 *
 * - Seeds: a story of ten steps (funding, three books, two orders, a cancel, a print, two expectations),
 *   as a regression hunt sweeps it, on two workers, each seed on a sandbox of its own.
 * - Branch: a venue with 10,000 resting orders, as a busy market has, copied whole (control) and in the
 *   engine alone (fork).
 * - Account: a client on a sandbox that is warm, as every test makes one.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlOf } from '../../src/control/actions.js'
import { takeSnapshot } from '../../src/control/timeline.js'
import { createSandbox } from '../../src/sandbox.js'
import { sweep } from '../../src/scenario/sweep.js'

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
      worker: new URL('../../src/server/sweep-worker.ts', import.meta.url),
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
  const admin = sandbox.venues.get('kraken')?.mock?.admin
  if (admin === undefined) throw new Error('kraken has no mock')
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
  print(
    `branch venue snapshot of 10,000 resting orders ${await median(() => admin.snapshot(), 30)} ms`,
  )
  print(
    `branch whole sandbox with 10,000 resting orders ${await median(() => takeSnapshot(sandbox.control), 20)} ms`,
  )
  await sandbox.close()
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
