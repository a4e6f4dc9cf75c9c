/**
 * Door `papervenue/vitest`: `test` with a sandbox of its own for every test.
 *
 * In-process by default: no port, no database, no network; only a test that asks for `server` gets a
 * real socket. Every test has its own sandbox, clock and seed, so tests may run at the same time.
 *
 * @module
 */

import { test as base, expect } from 'vitest'
import { type Control, controlOf } from '../control/actions.js'
import { createSandbox, type Sandbox, type SandboxOptions } from '../sandbox.js'
import type { ManualClock } from '../world/clock.js'
import { closeAirGap } from './air-gap.js'
import { firstAccount, remembering } from './clients.js'
import { matchers, type PapervenueMatchers } from './matchers.js'
import { replayLine, seedOf } from './seed.js'
import { type Trader, traderOf } from './trader.js'
import { type VenueHand, venueHand } from './venue-hand.js'

export { type AirGap, AirGapError, closeAirGap } from './air-gap.js'
export { matchers, type PapervenueMatchers } from './matchers.js'
export { type OrderRequest, RequestRefused, type Trader } from './trader.js'
export type { VenueHand, WrittenLevel } from './venue-hand.js'
export { expect }

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares its own interface so
  interface Assertion<T = any> extends PapervenueMatchers<T> {}
  interface AsymmetricMatchersContaining extends PapervenueMatchers {}
}

expect.extend(matchers)

/** The test's clock. Time passes only when told, and what falls due on the way has come to rest. */
export interface TestClock {
  now_ms(): number
  now_ns(): bigint
  /** Lets this many milliseconds pass. */
  advance(ms: number): Promise<void>
  /** Goes to a moment not before now. */
  set(ts_ns: bigint): Promise<void>
}

/** A sandbox behind real sockets, on a free loopback port. */
export interface TestServer {
  readonly url: string
  /** Base URL of a venue, as its SDK wants it, without a trailing slash. */
  venueUrl(venue: string): string
}

export interface Fixtures {
  /** Options of the sandbox: `test.extend({ sandboxOptions: { adversary: 'worst' } })`. */
  sandboxOptions: SandboxOptions
  /** `closed` refuses the network beyond this machine while the test runs. Default `open`. */
  airGap: 'open' | 'closed'
  /** The seed of this test; `PAPERVENUE_SEED` sets it. */
  seed: number
  /** A sandbox of this test alone. */
  sandbox: Sandbox
  /** A client whose orders are paper. */
  trader: Trader
  /** The same client; its orders go over the venue's own wire. */
  liveTrader: Trader
  /** Every venue by its id. */
  venues: Readonly<Record<string, VenueHand>>
  clock: TestClock
  /** The test's hand on everything: depth, trades, faults, markets, snapshots. */
  control: Control
  /** Real sockets for SDKs that cannot do without. */
  server: TestServer
}

const withFixtures = (options: Options) =>
  base.extend<Fixtures>({
    sandboxOptions: options.sandboxOptions ?? {},
    airGap: options.airGap ?? 'open',
    seed: async ({ task, onTestFailed }, use) => {
      const test = { file: task.file.name, name: nameOf(task) }
      const seed = seedOf(test, process.env)
      onTestFailed(({ task: { result } }) => {
        for (const error of result?.errors ?? []) tellSeed(error, replayLine({ ...test, seed }))
      })
      await use(seed)
    },
    sandbox: async ({ sandboxOptions, airGap, seed, onTestFinished }, use) => {
      const gap = airGap === 'closed' ? closeAirGap() : null
      // Not thrown when the fixture is put away: vitest 3 loses what is thrown there.
      onTestFinished(() => {
        const [first] = gap?.offences ?? []
        if (first !== undefined) throw first
      })
      const sandbox = remembering(await createSandbox({ store: 'memory', seed, ...sandboxOptions }))
      try {
        await use(sandbox)
      } finally {
        await sandbox.close()
        gap?.open()
      }
    },
    trader: async ({ sandbox }, use) => {
      await use(traderOf(sandbox, firstAccount(sandbox), 'sandbox'))
    },
    liveTrader: async ({ sandbox }, use) => {
      await use(traderOf(sandbox, firstAccount(sandbox), 'live'))
    },
    venues: async ({ sandbox, control }, use) => {
      await use(
        Object.fromEntries(
          [...sandbox.venues].map(([id, venue]) => [id, venueHand(sandbox, control, venue)]),
        ),
      )
    },
    clock: async ({ sandbox, control }, use) => {
      const { clock } = sandbox.world
      await use({
        now_ms: () => clock.now_ms(),
        now_ns: () => clock.now_ns(),
        advance: async (ms) => {
          await control.do('advance-clock', { ms })
        },
        set: async (ts_ns) => {
          await control.do('set-clock', { ts_ns: String(ts_ns) })
        },
      })
    },
    control: async ({ sandbox }, use) => {
      await use(controlOf(sandbox.control))
    },
    server: async ({ sandbox }, use) => {
      const { expose } = await import('../server/serve.js')
      const { url, close } = await expose(sandbox)
      try {
        await use({ url, venueUrl: (venue) => `${url}/venues/${venue}` })
      } finally {
        await close()
      }
    },
  })

/**
 * vitest's `test` with the fixtures of {@link Fixtures}.
 *
 * @example
 * test('a market buy needs an ask', async ({ venues, trader }) => {
 *   await venues.acme?.depth('BTC-USD', { bids: [['60000', '1']] })
 *   const order = await trader.order({ symbol: 'BTC-USD', side: 'buy', qty: '0.1', venue: 'acme' })
 *   expect(order).toBeRejectedWith('EXCHANGE_REJECT', 'market buy requires a live ask')
 * })
 */
export const test = built({}, [])

type Options = Partial<Pick<Fixtures, 'sandboxOptions' | 'airGap'>>

/**
 * A `test` with these options and further fixtures on top. In vitest 3 an option that is overridden reaches the
 * test and not the fixtures that read it, so every `extend` with an option builds the whole anew.
 */
function built(options: Options, layers: readonly object[]): ReturnType<typeof withFixtures> {
  let made = withFixtures(options)
  for (const layer of layers) made = made.extend(layer as never) as unknown as typeof made
  const extend = made.extend as (...args: unknown[]) => unknown
  const again = (...args: unknown[]): unknown => {
    const [more] = args
    if (typeof more !== 'object' || more === null) return extend(...args)
    const { airGap, sandboxOptions, ...layer } = more as Options & object
    const given: Options = {
      ...(airGap === undefined ? {} : { airGap }),
      ...(sandboxOptions === undefined ? {} : { sandboxOptions }),
    }
    return built({ ...options, ...given }, [...layers, layer])
  }
  made.extend = again as typeof made.extend
  return made
}

/** The whole name: suites, then the test. */
function nameOf(task: { readonly name: string; readonly suite?: unknown }): string {
  const names: string[] = []
  let at: { name?: string; suite?: unknown; filepath?: string } | undefined = task
  while (at?.name !== undefined && at.filepath === undefined) {
    if (at.name !== '') names.unshift(at.name)
    at = at.suite as typeof at
  }
  return names.join(' ')
}

function tellSeed(error: { message: string; stack?: string }, line: string): void {
  if (error.message.includes(line)) return
  const before = error.message
  error.message = `${before}\n${line}`
  if (error.stack !== undefined) error.stack = error.stack.replace(before, error.message)
}

export type { Control, ManualClock, Sandbox, SandboxOptions }
