/**
 * Page: the frame of a report: one HTML file without scripts and without a network.
 *
 * @module
 */

import { escaped } from './junit.js'

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
h2 { border-top: 1px solid #8886; padding-top: 1rem; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; }
.frame { fill: none; stroke: #8886; } .legend { margin: 0 0 1rem; font-size: 12px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; padding: 2px 8px; border-bottom: 1px solid #8883; vertical-align: top; }
.ok { color: #1a7f37; } .failed { color: #cf222e; } pre { white-space: pre-wrap; }
code { font-size: 12px; overflow-wrap: anywhere; }
.seeds span { display: inline-block; min-width: 2.6em; margin: 0 2px 2px 0; padding: 0 2px;
  text-align: center; font-size: 11px; border: 1px solid currentColor; border-radius: 3px; }
.seeds .failed { color: #fff; background: #cf222e; } td pre { margin: 0; }`

/** A page of these blocks of HTML. */
export function page(title: string, blocks: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>papervenue: ${escaped(title.toLowerCase())}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    ...blocks,
    '</body></html>',
    '',
  ].join('\n')
}

/** Rows of plain text; a cell may come as `{ html }`. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '<p>None.</p>'
  const cells = (row: readonly Cell[], tag: 'td' | 'th'): string =>
    `<tr>${row.map((cell) => `<${tag}>${typeof cell === 'string' ? escaped(cell) : cell.html}</${tag}>`).join('')}</tr>`
  return `<table>${cells(head, 'th')}${rows.map((row) => cells(row, 'td')).join('')}</table>`
}

export type Cell = string | { readonly html: string }
