/**
 * JSON report: every run with its failures and its hash, exact numbers included.
 *
 * @module
 */

import { stringifyJson } from '../../wire/json.js'
import { type RunResult, replayCommand } from '../runner.js'
import type { SweepResult } from '../sweep.js'

/** A run, and the file it came from. */
export interface ToldRun {
  readonly file: string
  readonly result: RunResult
}

export function jsonReport(runs: readonly ToldRun[]): string {
  return `${stringifyJson({
    ok: runs.every(({ result }) => result.ok),
    runs: runs.map(({ file, result }) => ({
      file,
      scenario: result.scenario,
      seed: result.seed,
      ok: result.ok,
      checks: result.checks,
      sha256: result.sha256,
      steps: result.steps,
      failures: result.failures.map(({ step, what, expected, got }) => ({
        step,
        what,
        expected: expected ?? null,
        got: got ?? null,
      })),
      replay: replayCommand(file, result.seed),
    })),
  })}\n`
}

/** As {@link jsonReport}, of a sweep. */
export function sweepJson({ runs, seconds, seeds_per_second }: SweepResult): string {
  const report = {
    ok: runs.every(({ ok }) => ok),
    seconds,
    seeds_per_second,
    runs: runs.map((run) => ({ ...run, replay: replayCommand(run.file, run.seed) })),
  }
  return `${JSON.stringify(report, null, 2)}\n`
}
