import { expect, test } from 'vitest'
import { replayLine, seedOf } from '../../../src/vitest/seed.js'

const one = { file: 'a.test.ts', name: 'buys (once)' }

test('a seed comes from file and name, and the environment wins', () => {
  expect(seedOf(one, {})).toBe(seedOf(one, {}))
  expect(seedOf(one, {})).not.toBe(seedOf({ ...one, name: 'sells' }, {}))
  expect(seedOf(one, { PAPERVENUE_SEED: '42' })).toBe(42)
  expect(() => seedOf(one, { PAPERVENUE_SEED: 'x' })).toThrow('PAPERVENUE_SEED is "x"')
})

test('the replay line selects exactly this test in a shell', () => {
  expect(replayLine({ ...one, seed: 7 })).toBe(
    "seed 7; replay: PAPERVENUE_SEED=7 npx vitest run a.test.ts -t 'buys \\(once\\)'",
  )
  expect(replayLine({ ...one, name: "it's", seed: 7 })).toContain("-t 'it'\\''s'")
})
