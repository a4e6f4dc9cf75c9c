/**
 * Chart: lines and marks over time as one SVG, drawn from exact numbers.
 *
 * Money becomes a floating number only here, as a place on the page.
 *
 * @module
 */

import { formatDecimal } from '../../engine/decimal.js'
import { escaped } from './junit.js'

export interface Series {
  readonly name: string
  readonly colour: string
  /** A step line through these; a null value is a break. */
  readonly points: readonly { readonly at_ms: number; readonly value: bigint | null }[]
}

export interface Mark {
  readonly at_ms: number
  readonly value: bigint | null
  readonly shape: 'up' | 'down' | 'dot' | 'line'
  readonly colour: string
  readonly title: string
}

export interface Chart {
  readonly title: string
  readonly series: readonly Series[]
  readonly marks: readonly Mark[]
  readonly from_ms: number
  readonly to_ms: number
  /** Scale of the values. */
  readonly decimals: number
}

const WIDTH = 900
const HEIGHT = 220
const LEFT = 110
const BOTTOM = 24
const TOP = 10

export function chartSvg(chart: Chart): string {
  const values = [
    ...chart.series.flatMap(({ points }) => points.map(({ value }) => value)),
    ...chart.marks.map(({ value }) => value),
  ].filter((value) => value !== null)
  const low = values.reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null) ?? 0n
  const high = values.reduce<bigint | null>((a, b) => (a === null || b > a ? b : a), null) ?? 0n
  const span_ms = Math.max(1, chart.to_ms - chart.from_ms)
  const x = (at_ms: number): number =>
    LEFT + ((at_ms - chart.from_ms) / span_ms) * (WIDTH - LEFT - 10)
  const y = (value: bigint): number => {
    if (high === low) return HEIGHT / 2
    return TOP + (Number(high - value) / Number(high - low)) * (HEIGHT - TOP - BOTTOM)
  }
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(chart.title)}">`,
    `<rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - 10}" height="${HEIGHT - TOP - BOTTOM}" class="frame"/>`,
    label(4, y(high) + 4, formatDecimal(high, chart.decimals)),
    ...(high === low ? [] : [label(4, y(low) + 4, formatDecimal(low, chart.decimals))]),
    label(LEFT, HEIGHT - 6, seconds(chart.from_ms)),
    label(WIDTH - 60, HEIGHT - 6, seconds(chart.to_ms)),
    ...chart.series.map((series) => line(series, chart.to_ms, x, y)),
    ...chart.marks.map((mark) =>
      markSvg(mark, x(mark.at_ms), mark.value === null ? null : y(mark.value)),
    ),
    '</svg>',
    `<p class="legend">${chart.series
      .map(({ name, colour }) => `<span style="color:${colour}">■</span> ${escaped(name)}`)
      .join(' &nbsp; ')}</p>`,
  ].join('\n')
}

/** A value holds until the next one: a step line. */
function line(
  { name, colour, points }: Series,
  to_ms: number,
  x: (at_ms: number) => number,
  y: (value: bigint) => number,
): string {
  let path = ''
  let before: number | null = null
  for (const { at_ms, value } of points) {
    const at = x(at_ms).toFixed(1)
    if (before !== null) path += `H${at}`
    if (value === null) {
      before = null
      continue
    }
    const height = y(value)
    path += before === null ? `M${at} ${height.toFixed(1)}` : `V${height.toFixed(1)}`
    before = height
  }
  if (before !== null) path += `H${x(to_ms).toFixed(1)}`
  return `<path d="${path}" fill="none" stroke="${colour}"><title>${escaped(name)}</title></path>`
}

function markSvg(mark: Mark, x: number, y: number | null): string {
  const title = `<title>${escaped(mark.title)}</title>`
  if (mark.shape === 'line' || y === null) {
    return `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="${mark.colour}" stroke-dasharray="3 3">${title}</line>`
  }
  if (mark.shape === 'dot') {
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${mark.colour}">${title}</circle>`
  }
  const tip = mark.shape === 'up' ? -5 : 5
  const points = `${x.toFixed(1)},${(y + tip).toFixed(1)} ${(x - 4).toFixed(1)},${(y - tip).toFixed(1)} ${(x + 4).toFixed(1)},${(y - tip).toFixed(1)}`
  return `<polygon points="${points}" fill="${mark.colour}">${title}</polygon>`
}

const label = (x: number, y: number, text: string): string =>
  `<text x="${x}" y="${y.toFixed(1)}">${escaped(text)}</text>`

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms % 1_000 === 0 ? 0 : 3)} s`
