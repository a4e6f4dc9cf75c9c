/**
 * Sweep HTML: a sweep as one page: each file with its seeds, those that failed with the command that
 * replays them, and the first failure told in full.
 *
 * @module
 */

import { replayCommand } from '../runner.js'
import type { SweepResult, SweepRun } from '../sweep.js'
import { runSection } from './html.js'
import type { ToldRun } from './json.js'
import { escaped } from './junit.js'
import { page, table } from './page.js'

/**
 * The page of a sweep.
 *
 * @param first - The first run that failed, told once more with a trace; null when all hold.
 */
export function sweepHtml(swept: SweepResult, first: ToldRun | null): string {
  const { runs, seconds, seeds_per_second } = swept
  const failed = runs.filter(({ ok }) => !ok)
  const files = [...new Set(runs.map(({ file }) => file))]
  return page('Sweep', [
    `<p>${runs.length} runs, <span class="${failed.length === 0 ? 'ok' : 'failed'}">${failed.length} failed</span>, in ${seconds.toFixed(1)} s (${seeds_per_second.toFixed(1)} seeds per second).</p>`,
    table(
      ['file', 'seeds', 'hold', 'failed'],
      files.map((file) => summary(file, of(runs, file))),
    ),
    ...(failed.length === 0 ? [] : ['<h2>Failures</h2>', failures(failed)]),
    ...(first === null ? [] : ['<h2>The first failure</h2>', runSection(first)]),
    '<h2>Seeds</h2>',
    ...files.map((file) => seeds(file, of(runs, file))),
  ])
}

const of = (runs: readonly SweepRun[], file: string): SweepRun[] =>
  runs.filter((run) => run.file === file)

function summary(file: string, runs: readonly SweepRun[]): string[] {
  const failed = runs.filter(({ ok }) => !ok).length
  const seeds = runs.map(({ seed }) => seed)
  const span = `${seeds[0]}..${seeds.at(-1)}`
  return [file, span, String(runs.length - failed), String(failed)]
}

const failures = (failed: readonly SweepRun[]): string =>
  table(
    ['seed', 'what failed', 'replay'],
    failed.map(({ file, seed, failure }) => [
      String(seed),
      { html: `<pre>${escaped(reasons(failure ?? ''))}</pre>` },
      { html: `<code>${escaped(replayCommand(file, seed))}</code>` },
    ]),
  )

/** The words of a failure without its first line and its replay command, which stand beside it. */
const reasons = (failure: string): string =>
  failure
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim())
    .join('\n')

/** Every seed as one square; the seed and its hash show when pointed at. */
const seeds = (file: string, runs: readonly SweepRun[]): string =>
  [
    `<h3>${escaped(file)}</h3>`,
    '<p class="seeds">',
    ...runs.map(
      ({ seed, ok, sha256 }) =>
        `<span class="${ok ? 'ok' : 'failed'}" title="seed ${seed}: ${ok ? 'holds' : 'failed'}, journal ${sha256.slice(0, 16)}">${seed}</span>`,
    ),
    '</p>',
  ].join('\n')
