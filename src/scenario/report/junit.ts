/**
 * JUnit report: one test case a run, for the build servers that read it.
 *
 * @module
 */

import { failureText, type RunResult } from '../runner.js'
import type { ToldRun } from './json.js'

export function junitReport(runs: readonly ToldRun[]): string {
  const failed = runs.filter(({ result }) => !result.ok).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${runs.length}" failures="${failed}">`,
    `  <testsuite name="papervenue" tests="${runs.length}" failures="${failed}">`,
    ...runs.map(({ file, result }) => testCase(file, result)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(file: string, result: RunResult): string {
  const open = `    <testcase classname="${escaped(file)}" name="${escaped(result.scenario)} (seed ${result.seed})"`
  if (result.ok) return `${open}/>`
  const [first] = result.failures
  return [
    `${open}>`,
    `      <failure message="${escaped(first?.what ?? 'failed')}">${escaped(failureText(result, file))}</failure>`,
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
