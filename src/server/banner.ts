/**
 * Banner: what a started server prints, once.
 *
 * @module
 */

export interface BannerVenue {
  readonly id: string
  /** null: no wire yet. */
  readonly url: string | null
  readonly instruments: number
  readonly books: number
}

export interface BannerFacts {
  readonly version: string
  readonly url: string
  readonly store: string
  readonly liquidity: string
  readonly seed: number
  readonly keys: { readonly test: string; readonly live: string; readonly kind: string } | null
  readonly admin_token: string | null
  readonly venues: readonly BannerVenue[]
}

export function banner(facts: BannerFacts): string {
  const { url, keys, admin_token, venues } = facts
  const rows: [string, string][] = [
    ['API', `${url}/v1`],
    ['docs', `${url}/docs`],
    ['control', `${url}/control`],
    ['store', facts.store],
    ['liquidity', `${facts.liquidity}, seed ${facts.seed}`],
  ]
  if (keys !== null)
    rows.push([`test key`, keys.test], [`live key`, `${keys.live}  (${keys.kind})`])
  if (admin_token !== null) rows.push(['admin token', admin_token])
  return [
    `papervenue ${facts.version} listening on ${url}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`),
    '',
    `  ${'venue'.padEnd(12)}${'instruments'.padEnd(13)}${'books'.padEnd(7)}wire`,
    ...venues.map(
      ({ id, url: wire, instruments, books }) =>
        `  ${id.padEnd(12)}${String(instruments).padEnd(13)}${String(books).padEnd(7)}${wire ?? '-'}`,
    ),
    '',
  ].join('\n')
}
