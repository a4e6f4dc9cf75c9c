import { describe, expect, test } from 'vitest'
import { DocumentError, parseScenario } from '../../../src/scenario/document.js'
import type { Venue } from '../../../src/venue/contract.js'

const venues = [
  { id: 'acme', instruments: [{ symbol: 'BTC-USD', venue_symbol: 'XBT' }] },
] as unknown as Venue[]

const mistakes = (text: string): string[] => {
  try {
    parseScenario(text, { file: 's.json', venues })
  } catch (error) {
    if (error instanceof DocumentError) return error.message.split('\n')
    throw error
  }
  return []
}

const document = (...steps: string[]): string =>
  `{\n  "scenario": "s",\n  "steps": [\n    ${steps.join(',\n    ')}\n  ]\n}\n`

describe('a document is refused before anything runs, and the mistake points at its line', () => {
  test('a sound document has no mistakes', () => {
    expect(
      mistakes(
        document(
          '{ "do": "set-depth", "venue": "acme", "symbol": "BTC-USD", "asks": [["100.5", 1.25]] }',
          '{ "do": "order", "id": "o", "symbol": "BTC-USD", "side": "buy", "qty": "0.1", "at": "1.5s" }',
          '{ "do": "expect-order", "order": "o", "status": "FILLED", "filled": { "min": "0.1" } }',
        ),
      ),
    ).toEqual([])
  })

  test.each([
    [
      '{ "do": "dance" }',
      /^s\.json:4:13: steps\.0\.do: no step is called "dance"; known: set-depth,/,
    ],
    [
      '{ "do": "set-depth", "venue": "nowhere", "symbol": "BTC-USD" }',
      /^s\.json:4:35: steps\.0\.venue: no venue is called "nowhere"; known: acme$/,
    ],
    [
      '{ "do": "set-depth", "venue": "acme", "symbol": "DOGE" }',
      /^s\.json:4:53: steps\.0\.symbol: acme lists no "DOGE"; it lists BTC-USD$/,
    ],
    [
      '{ "do": "set-depth", "venue": "acme", "symbol": "BTC-USD", "depth": [] }',
      /^s\.json:4:5: steps\.0: .*depth/,
    ],
    [
      '{ "do": "set-depth", "venue": "acme", "symbol": "BTC-USD", "asks": [["x", 1]] }',
      /^s\.json:4:74: steps\.0\.asks\.0\.0: "x" is no decimal number/,
    ],
    [
      '{ "do": "set-depth", "venue": "acme", "symbol": "BTC-USD", "asks": [[1, 0]] }',
      /steps\.0\.asks\.0\.1: a quantity above 0/,
    ],
    ['{ "do": "advance-clock", "ms": -1 }', /steps\.0\.ms: time moves forward/],
    ['{ "do": "advance-clock", "ms": 1, "at": "soon" }', /steps\.0\.at: "soon" is no time/],
    [
      '{ "do": "inject-fault", "fault": { "type": "lost-ack", "venue": "acme", "match": { "nth": 0 } } }',
      /^s\.json:4:95: steps\.0\.fault\.match\.nth: /,
    ],
    [
      '{ "do": "inject-fault", "fault": { "type": "lost-ack", "venue": "mars" } }',
      /steps\.0\.fault\.venue: no venue is called "mars"/,
    ],
    [
      '{ "do": "cancel", "order": "ghost" }',
      /steps\.0\.order: no order before this step is called ghost/,
    ],
    [
      '{ "do": "revert", "name": "then" }',
      /steps\.0\.name: no snapshot before this step is called then/,
    ],
    ['7', /^s\.json:4:5: steps\.0: a step is an object/],
  ])('%s', (step, words) => {
    expect(mistakes(document(step))[0]).toMatch(words)
  })

  test('times go forward, clock moves counted', () => {
    const [first] = mistakes(
      document(
        '{ "do": "advance-clock", "ms": 500, "at": "1s" }',
        '{ "do": "snapshot", "name": "a", "at": "1200ms" }',
      ),
    )
    expect(first).toBe(
      's.json:5:44: steps.1.at: 1200 ms comes after 1500 ms; steps stand in the order of their times',
    )
  })

  test('an order id is used once', () => {
    const order = '{ "do": "order", "id": "o", "symbol": "X", "side": "buy", "qty": 1 }'
    expect(mistakes(document(order, order))[0]).toMatch(/steps\.1\.id: a second order is called o/)
  })

  test('every mistake is told, not only the first', () => {
    expect(mistakes(document('{ "do": "dance" }', '{ "do": "sing" }'))).toHaveLength(2)
  })

  test('broken JSON, repeated keys and an empty document point at their place', () => {
    expect(mistakes('{ "scenario": }')[0]).toMatch(/^s\.json:1:15: value expected$/)
    expect(mistakes('{ "scenario": "a",\n "scenario": "b" }')[0]).toMatch(
      /^s\.json:2:2: scenario: is written twice/,
    )
    expect(mistakes('')[0]).toMatch(/^s\.json:1:/)
    expect(mistakes('{ "scenario": "a", "steps": [] }')[0]).toMatch(/a story has at least one step/)
    expect(mistakes('{ "scenario": "a", "stepz": [] }').join()).toMatch(/stepz/)
  })
})

test('numbers keep their digits', () => {
  const scenario = parseScenario(
    document(
      '{ "do": "set-depth", "venue": "acme", "symbol": "BTC-USD", "bids": [[0.29, 123456789.12345678]] }',
    ),
    { file: 's.json' },
  )
  expect(JSON.stringify(scenario.steps[0]?.written)).toContain('123456789.12345678')
})
