import { join } from 'node:path'
import { expect, test } from 'vitest'
import countsFills from '../../../scenarios/clients/counts-fills.js'
import topsUp from '../../../scenarios/clients/kalshi-tops-up.js'
import looksOnce from '../../../scenarios/clients/looks-once.js'
import retries from '../../../scenarios/clients/retries-without-id.js'
import sound from '../../../scenarios/clients/sound.js'
import type { ClientScript } from '../../../src/scenario/client.js'
import { type Exploration, explore } from '../../../src/scenario/explore.js'
import { explorationText } from '../../../src/scenario/explore-command.js'
import { exploreOn } from '../../../src/scenario/explore-workers.js'
import { loadScenario } from '../../../src/scenario/load.js'
import { stage } from '../../../src/server/stage.js'

const market = join(import.meta.dirname, '../../../scenarios/clients/market.json')

async function explored(client: ClientScript<never>, seconds: number): Promise<Exploration> {
  const { scenario } = await loadScenario(market, stage.venues)
  return explore({ stage, scenario, client: client as ClientScript, seconds })
}

test.each([
  [retries, 'it wanted 0.1 BTC and bought 2 times'],
  [countsFills, 'it believes to own 30000000 and owns 20000000 (in 1e-8 BTC)'],
  [looksOnce, 'it wanted 0.1 BTC and bought 2 times'],
] as [ClientScript<never>, string][])(
  'a client with a bug is broken by at most four events within a minute',
  async (client, words) => {
    const { broken, seconds } = await explored(client, 60)
    expect(broken?.what).toBe(words)
    expect(broken?.schedule.length).toBeGreaterThan(0)
    expect(broken?.schedule.length).toBeLessThanOrEqual(4)
    expect(seconds).toBeLessThan(60)
  },
)

test('a client on a venue’s own wire is broken by what its private stream does not tell', async () => {
  const file = join(import.meta.dirname, '../../../scenarios/clients/kalshi-market.json')
  const { scenario } = await loadScenario(file, stage.venues)
  const found = await explore({ stage, scenario, client: topsUp as ClientScript, seconds: 60 })
  expect(found.broken?.what).toBe('it wanted 10 contracts and owns 20')
  expect(found.broken?.schedule).toEqual([{ type: 'drop-event', venue: 'kalshi', nth: 1 }])
  expect([found.requests, found.messages]).toEqual([1, 1])
  expect(found.seconds).toBeLessThan(60)
  expect(explorationText(found)[1]).toContain(
    '{"type":"drop-event","venue":"kalshi","account":"alice","match":{"nth":1}}',
  )
})

test('a schedule is as short as it can be, and the same every time', async () => {
  const once = await explored(retries as ClientScript<never>, 60)
  const again = await explored(retries as ClientScript<never>, 60)
  expect(once.broken?.schedule).toHaveLength(1)
  expect(again.broken).toEqual(once.broken)
  expect(explorationText(once)[1]).toMatch(
    /^ {2}1\. lost-ack at 1: \{"type":"lost-ack","venue":"api"/,
  )
})

test('a sound client holds against every pair of events', async () => {
  const found = await explored(sound as ClientScript<never>, 4)
  expect(found.broken).toBeNull()
  expect(found.exhausted).toBe(2)
  expect(found.runs).toBeGreaterThan(10)
})

test('two threads find what one finds', async () => {
  const clients = join(import.meta.dirname, '../../../scenarios/clients')
  const alone = await explored(looksOnce as ClientScript<never>, 60)
  const both = await exploreOn(
    2,
    new URL('../../../src/server/explore-worker.ts', import.meta.url),
    { client: join(clients, 'looks-once.ts'), scenario: market, seconds: 60 },
  )
  expect(both.broken).toEqual(alone.broken)
  expect(both.runs).toBeGreaterThan(2)
})
