/**
 * JUnit report: one test case a run, for the build servers that read it.
 *
 * @module
 */

import { failureText } from '../runner.js'
import type { SweepRun } from '../sweep.js'
import type { ToldRun } from './json.js'

export function junitReport(runs: readonly ToldRun[]): string {
  return suites(
    runs.map(({ file, result }) => ({
      file,
      name: `${result.scenario} (seed ${result.seed})`,
      failure: result.ok ? null : failureText(result, file),
    })),
  )
}

/** As {@link junitReport}, of a sweep. */
export function sweepJunit(runs: readonly SweepRun[]): string {
  return suites(runs.map(({ file, seed, failure }) => ({ file, name: `seed ${seed}`, failure })))
}

interface Case {
  readonly file: string
  readonly name: string
  readonly failure: string | null
}

function suites(cases: readonly Case[]): string {
  const failed = cases.filter(({ failure }) => failure !== null).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failed}">`,
    `  <testsuite name="papervenue" tests="${cases.length}" failures="${failed}">`,
    ...cases.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase({ file, name, failure }: Case): string {
  const open = `    <testcase classname="${escaped(file)}" name="${escaped(name)}"`
  if (failure === null) return `${open}/>`
  const [first = ''] = failure.split('\n')
  return [
    `${open}>`,
    `      <failure message="${escaped(first)}">${escaped(failure)}</failure>`,
    '    </testcase>',
  ].join('\n')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as XML or HTML holds it; characters that XML cannot hold are dropped. */
export const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are dropped
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
