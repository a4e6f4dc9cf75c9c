import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DocumentError, parseScenario } from '../../../src/scenario/document.js'
import { loadScenario } from '../../../src/scenario/load.js'
import { htmlReport } from '../../../src/scenario/report/html.js'
import { failureText, runScenario } from '../../../src/scenario/runner.js'
import { stage } from '../../../src/server/stage.js'

const folder = join(import.meta.dirname, '../../../scenarios')
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

test('there are at least twelve stories', () => {
  expect(files.length).toBeGreaterThanOrEqual(12)
})

describe.each(files)('%s', (name) => {
  test('holds, and tells the same story byte for byte', async () => {
    const file = join(folder, name)
    const { scenario } = await loadScenario(file, stage.venues)
    const once = await runScenario(scenario, { stage, trace: true })
    expect(once.ok ? '' : failureText(once, name)).toBe('')
    expect(once.checks).toBeGreaterThan(2)
    const again = await runScenario(scenario, { stage })
    expect(again.journal).toEqual(once.journal)
    expect(again.sha256).toBe(once.sha256)
    const html = htmlReport([{ file: name, result: once }])
    expect(html).toContain('<svg')
    expect(html).not.toMatch(/<script|https?:/)
  })

  test('does not hold without any one of its steps', async () => {
    const file = join(folder, name)
    const story = JSON.parse(readFileSync(file, 'utf8')) as { steps: { do: string }[] }
    const idle: string[] = []
    for (const [index, { do: what }] of story.steps.entries()) {
      if (what.startsWith('expect-')) continue
      const steps = story.steps.toSpliced(index, 1)
      if (await holds(JSON.stringify({ ...story, steps }), file)) idle.push(`${index} ${what}`)
    }
    expect(idle).toEqual([])
  })
})

/** Whether a story is accepted, and then holds. */
async function holds(text: string, file: string): Promise<boolean> {
  try {
    const scenario = parseScenario(text, { file, venues: stage.venues })
    return (await runScenario(scenario, { stage, folder })).ok
  } catch (error) {
    if (error instanceof DocumentError) return false
    throw error
  }
}

test('a story that fails says where, what and how to replay it', async () => {
  const scenario = parseScenario(
    JSON.stringify({
      scenario: 'hopeful',
      steps: [
        { do: 'order', id: 'o', symbol: 'BTC-USD', venue: 'kraken', side: 'buy', qty: 1 },
        { do: 'expect-order', order: 'o', status: 'FILLED' },
      ],
    }),
    { file: 'hopeful.json', venues: stage.venues },
  )
  const result = await runScenario(scenario, { stage, seed: 5 })
  expect(failureText(result, 'hopeful.json')).toBe(
    [
      'hopeful failed with seed 5:',
      '  step 1: status of order o: expected FILLED, got REJECTED',
      'replay: papervenue run hopeful.json --seed 5',
    ].join('\n'),
  )
})

test('agents act on their own and the seed decides what they do', async () => {
  const scenario = parseScenario(
    JSON.stringify({
      scenario: 'crowd',
      tail: '5s',
      agents: [
        {
          agent: 'maker',
          venue: 'kraken',
          symbol: 'BTC-USD',
          every: '500ms',
          mid: 60000,
          half_spread: 5,
          step: 20,
          qty: '0.5',
        },
        { agent: 'taker', venue: 'kraken', symbol: 'BTC-USD', every: '300ms', qty: '0.2' },
      ],
      steps: [{ do: 'advance-clock', ms: 5_000 }, { do: 'expect-conserved' }],
    }),
    { file: 'crowd.json', venues: stage.venues },
  )
  const runs = [1, 1, 2].map((seed) => runScenario(scenario, { stage, seed, trace: true }))
  const [one, same, other] = await Promise.all(runs)
  expect([one?.ok, same?.ok, other?.ok]).toEqual([true, true, true])
  expect(same?.sha256).toBe(one?.sha256)
  expect(other?.sha256).not.toBe(one?.sha256)
  expect([...(one?.trace?.trades.values() ?? [])].flat().length).toBeGreaterThan(10)
})
