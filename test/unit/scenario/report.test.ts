import { expect, test } from 'vitest'
import { chartSvg } from '../../../src/scenario/report/chart.js'
import { htmlReport } from '../../../src/scenario/report/html.js'
import { jsonReport, sweepJson } from '../../../src/scenario/report/json.js'
import { escaped, junitReport, sweepJunit } from '../../../src/scenario/report/junit.js'
import { sweepHtml } from '../../../src/scenario/report/sweep-html.js'
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
  steps: [{ name: 'order', at_ms: 5, note: 'now', input: '' }],
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

test('a sweep shows its files, its failures with their replay, every seed, and one run in full', () => {
  const run = (seed: number, ok: boolean) => ({
    file: 'a b.json',
    seed,
    ok,
    sha256: 'cd'.repeat(32),
    failure: ok ? null : `a <story> failed with seed ${seed}:\n  step 2: it & broke\nreplay: no`,
  })
  const swept = { runs: [run(6, true), run(7, false)], seconds: 0.5, seeds_per_second: 4 }
  const html = sweepHtml(swept, { file: 'a b.json', result: failed })
  expect(html).toContain('2 runs, <span class="failed">1 failed</span>, in 0.5 s (4.0 seeds per')
  expect(html).toContain('<td>6..7</td><td>1</td><td>1</td>')
  expect(html).toContain('<td>7</td><td><pre>step 2: it &amp; broke</pre></td>')
  expect(html).toContain('papervenue run &quot;a b.json&quot; --seed 7')
  expect(html).toContain('<h2>The first failure</h2>\n<h2>a &lt;story&gt;')
  expect(html.match(/title="seed \d: (holds|failed), journal cdcdcdcdcdcdcdcd"/g)).toHaveLength(2)
  expect(html).not.toMatch(/https?:|<script/)
  const calm = sweepHtml({ ...swept, runs: [run(6, true)] }, null)
  expect(calm).not.toMatch(/first failure|<h2>Failures/)
  expect(JSON.parse(sweepJson(swept))).toMatchObject({
    ok: false,
    seeds_per_second: 4,
    runs: [{ seed: 6 }, { seed: 7, replay: 'papervenue run "a b.json" --seed 7' }],
  })
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
