/**
 * Table: rows of an answer as aligned text for a terminal.
 *
 * @module
 */

import { formatDecimal } from '../engine/decimal.js'
import { bigintOf, type Json, stringifyJson } from '../wire/json.js'
import { property } from './client.js'

/**
 * Chosen columns of rows. A column `_1e8`, `_1e9` is shown in human units, without its suffix; dots reach
 * into objects.
 */
export function table(rows: Json | undefined, columns: readonly string[]): string {
  if (!Array.isArray(rows) || rows.length === 0) return '(none)'
  const head = columns.map((column) => (column.split('.').at(-1) ?? column).replace(/_1e[89]$/, ''))
  const lines = [head, ...rows.map((row) => columns.map((column) => cell(row, column)))]
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function cell(row: Json, column: string): string {
  const value = column.split('.').reduce<Json | undefined>(property, row)
  const [, scale] = /_1e([89])$/.exec(column) ?? []
  const whole = scale === undefined ? undefined : bigintOf(value)
  if (scale !== undefined && whole !== undefined) return formatDecimal(whole, Number(scale))
  if (value === undefined || value === null) return '-'
  if (typeof value === 'string') return value
  return stringifyJson(value)
}
