/**
 * The atlas as a table of a venue's README, made from the cases that the suite runs.
 *
 * `npx tsx test/conformance/write-atlas.ts` writes it; a test asks that what stands there is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Subject } from './subject.js'

const BEGIN = '<!-- reject atlas: begin (written from test/conformance, do not edit) -->'
const END = '<!-- reject atlas: end -->'

/** The table in Markdown. */
export function atlasTable({ atlas }: Subject): string {
  const rows = atlas.map(({ id, condition, request, source, expect: { status, text, code } }) =>
    [id, condition, request, String(status), `\`${text}\``, `\`${code}\``, source]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  )
  const head = ['Rule', 'Condition', 'Produced by', 'Status', 'Body', 'Normalized', 'Source']
  return [head.join(' | '), head.map(() => '---').join(' | '), ...rows]
    .map((row) => `| ${row} |`)
    .join('\n')
}

const readmeOf = ({ venue }: Subject): string =>
  resolve(import.meta.dirname, '../../venues', venue.id, 'README.md')

/** The table as the README has it. @throws Error when the README has no place for it. */
export function writtenTable(subject: Subject): string {
  return split(subject).table
}

/** Writes the table into the README. */
export function writeTable(subject: Subject): void {
  const { before, after } = split(subject)
  writeFileSync(readmeOf(subject), `${before}${BEGIN}\n\n${atlasTable(subject)}\n\n${END}${after}`)
}

function split(subject: Subject): { before: string; table: string; after: string } {
  const text = readFileSync(readmeOf(subject), 'utf8')
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  if (from < 0 || to < from) {
    throw new Error(`${readmeOf(subject)} has no place for the atlas: ${BEGIN} ... ${END}`)
  }
  return {
    before: text.slice(0, from),
    table: text.slice(from + BEGIN.length, to).trim(),
    after: text.slice(to + END.length),
  }
}
