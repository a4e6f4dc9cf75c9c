/** A small run of `npm run fidelity`: the engine's known queues against the simulator's bounds. */
import { expect, test } from 'vitest'
import { markdown, plot } from '../../fidelity/report.js'
import { judge, probeTruth } from '../../fidelity/truth.js'

const seeds = [1, 2, 3, 4, 5]
const run = (crowd: 'shown' | 'traceless') =>
  judge(seeds.flatMap((seed) => probeTruth({ seed, crowd, probes: 30, steps: 40 })))

test('every true fill lies inside the bounds and the worst case never promises too much', () => {
  const verdict = run('shown')
  expect(verdict.resting).toBeGreaterThan(80)
  expect(verdict.rate.truth).toBeGreaterThan(0.1)
  expect(verdict.inside).toBe(verdict.probes)
  expect(verdict.optimistic.worst).toBe(0)
  expect(verdict.optimistic.pessimistic).toBe(0)
})

test('the default profile knows better than touch-fill and last-price when an order fills', () => {
  const shown = run('shown')
  const traceless = run('traceless')
  for (const { brier } of [shown, traceless]) {
    expect(brier.realistic).toBeLessThan(brier['touch-fill'])
    expect(brier.realistic).toBeLessThan(brier['last-price'])
  }
  const text = markdown({ seeds: 5, probes: 30, shown, traceless, recorded: [] })
  expect(text).toContain(`| probes | ${shown.probes} | ${traceless.probes} |`)
  expect(plot(shown)).toContain('touch-fill')
})
