import { expect, test } from 'vitest'
import { chartSvg } from '../../../src/scenario/report/chart.js'
import { htmlReport } from '../../../src/scenario/report/html.js'
import { jsonReport } from '../../../src/scenario/report/json.js'
import { escaped, junitReport, sweepJunit } from '../../../src/scenario/report/junit.js'
import { type RunResult, replayCommand } from '../../../src/scenario/runner.js'

const failed: RunResult = {
  scenario: 'a <story>',
  story: 'it & goes',
  seed: 7,
  ok: false,
  failures: [{ step: 2, what: 'status of order o', expected: 'FILLED', got: null }],
  checks: 3,
  journal: [],
  sha256: 'ab'.repeat(32),
  steps: [{ name: 'order', at_ms: 5, note: 'now' }],
  trace: null,
}
const runs = [
  { file: 'a b.json', result: failed },
  { file: 'c.json', result: { ...failed, ok: true, failures: [] } },
]

test('JUnit counts failures and quotes the replay command', () => {
  const xml = junitReport(runs)
  expect(xml).toContain('<testsuites tests="2" failures="1">')
  expect(xml).toContain('replay: papervenue run &quot;a b.json&quot; --seed 7')
  expect(xml).toContain('name="a &lt;story&gt; (seed 7)"')
  expect(sweepJunit([{ file: 'f', seed: 1, ok: true, sha256: '', failure: null }])).toContain(
    'name="seed 1"/>',
  )
})

test('JSON holds every run with its hash', () => {
  const report = JSON.parse(jsonReport(runs)) as { ok: boolean; runs: { sha256: string }[] }
  expect(report.ok).toBe(false)
  expect(report.runs.map(({ sha256 }) => sha256)).toEqual(['ab'.repeat(32), 'ab'.repeat(32)])
})

test('HTML names no other host and escapes what people wrote', () => {
  const html = htmlReport(runs)
  expect(html).not.toMatch(/https?:|<script|@import|url\(/)
  expect(html).toContain('a &lt;story&gt;')
  expect(html).toContain('it &amp; goes')
})

test('a chart draws steps and breaks where there is no value', () => {
  const svg = chartSvg({
    title: 't',
    decimals: 0,
    from_ms: 0,
    to_ms: 100,
    series: [
      {
        name: 'bid',
        colour: 'red',
        points: [
          { at_ms: 0, value: 10n },
          { at_ms: 50, value: null },
          { at_ms: 60, value: 20n },
        ],
      },
    ],
    marks: [{ at_ms: 10, value: 15n, shape: 'up', colour: 'green', title: 'fill' }],
  })
  expect(svg).toMatch(/d="M110\.0 196\.0H500\.0M578\.0 10\.0H890\.0"/)
  expect(svg).toContain('<polygon')
})

test('characters that XML cannot hold are dropped', () => {
  expect(escaped('a\u0000b<')).toBe('ab&lt;')
})

test('the replay command quotes what a shell would split', () => {
  expect(replayCommand('scenarios/no-ask.json', 3)).toBe(
    'papervenue run scenarios/no-ask.json --seed 3',
  )
})
