/**
 * Parity: the promise of the project, as one search for its counterexamples.
 *
 * Draws stories for every venue that has a wire, tells each to the raw wire, the live path and the paper
 * paths, and counts by venue and reason where they agree. A disagreement is shrunk to its smallest story
 * and kept once per kind; the search goes on.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { off, realistic, worst } from '../../src/adversary/profile.js'
import type { Venue } from '../../src/venue/contract.js'
import { type Case, caseArbitrary, caseOf, caseText, type PlaceStep } from './case.js'
import { deskPath, type Path, type Told, wirePath } from './paths.js'
import { betterThanTruth, type Difference, differences, type End, reasonOf } from './verdict.js'

export interface ParityOptions {
  readonly venues: readonly Venue[]
  /** Stop once this many orders were placed, over all venues. */
  readonly orders: number
  readonly seed: number
  /** Told of progress now and then. */
  readonly onProgress?: (done: { venue: string; orders: number; stories: number }) => void
}

/** One kind of disagreement with its smallest story. */
export interface Counterexample {
  readonly venue: string
  readonly path: string
  readonly difference: Difference
  readonly story: string
  /** Stories in which this kind showed. */
  times: number
}

export interface Tally {
  agreed: number
  disagreed: number
}

export interface ParityReport {
  readonly seed: number
  orders: number
  stories: number
  /** `venue` -> reason on the wire -> how often the paper path agreed with it. */
  readonly byReason: Map<string, Map<End, Tally>>
  readonly counterexamples: Map<string, Counterexample>
}

/** All paths of one venue. */
export interface Paths {
  readonly venue: Venue
  readonly wire: Path
  readonly live: Path
  readonly paper: Path
  /** Told the same once more, for P6. */
  readonly twin: Path
  readonly hard: readonly Path[]
  close(): Promise<void>
}

export async function openPaths(venue: Venue, seed: number): Promise<Paths> {
  const [wire, live, paper, twin, ...hard] = await Promise.all([
    wirePath(venue, seed),
    deskPath(venue, seed, 'live'),
    deskPath(venue, seed, { paper: off }),
    deskPath(venue, seed, { paper: off }),
    deskPath(venue, seed, { paper: realistic }),
    deskPath(venue, seed, { paper: worst }),
  ])
  const all = [wire, live, paper, twin, ...hard]
  return {
    venue,
    wire,
    live,
    paper,
    twin,
    hard,
    close: async () => {
      for (const path of all) await path.close()
    },
  }
}

/** A difference and the path that shows it. */
export interface Found {
  readonly path: string
  readonly difference: Difference
}

export interface Compared {
  readonly found: readonly Found[]
  readonly placed: readonly PlaceStep[]
  readonly truth: Told
  /** What each path made of it, the wire first. */
  readonly told: ReadonlyMap<string, Told>
}

/** Tells one story to every path and holds them to each other. */
export async function compare(paths: Paths, story: Case): Promise<Compared> {
  const placed = story.steps.filter((step): step is PlaceStep => step.type === 'place')
  const truth = await paths.wire.tell(story)
  const found: Found[] = []
  const note = (path: string, all: readonly Difference[]) => {
    for (const difference of all) found.push({ path, difference })
  }
  const broken = (path: string, told: Told) => {
    for (const what of told.broken) {
      const law = what.startsWith('P4') ? ('P4' as const) : ('P5' as const)
      note(path, [{ law, nth: null, what: kindOf(what), expected: 'kept', actual: what }])
    }
  }
  const tales = new Map([[paths.wire.name, truth]])
  broken(paths.wire.name, truth)
  for (const path of [paths.live, paths.paper]) {
    const told = await path.tell(story)
    tales.set(path.name, told)
    note(path.name, differences(placed, truth.scenes, truth.story, told.story))
    broken(path.name, told)
    if (path === paths.paper) {
      const again = await paths.twin.tell(story)
      if (digest(again.journal) !== digest(told.journal)) {
        const [expected, actual] = firstDifference(told.journal, again.journal)
        note('paper twin', [{ law: 'P6', nth: null, what: 'journal', expected, actual }])
      }
    }
  }
  for (const path of paths.hard) {
    const told = await path.tell(story)
    tales.set(path.name, told)
    note(path.name, betterThanTruth(paths.venue, story, placed, truth, told))
    broken(path.name, told)
  }
  return { found, placed, truth, told: tales }
}

/** Searches until enough orders were placed. */
export async function parity(options: ParityOptions): Promise<ParityReport> {
  const report: ParityReport = {
    seed: options.seed,
    orders: 0,
    stories: 0,
    byReason: new Map(),
    counterexamples: new Map(),
  }
  const wired = options.venues.filter(
    ({ mock, client }) => mock !== undefined && client !== undefined,
  )
  if (wired.length === 0) throw new Error('no venue has a wire: there is nothing to compare.')
  const share = Math.ceil(options.orders / wired.length)
  for (const venue of wired) await searchVenue(venue, share, options, report)
  return report
}

const BATCH = 200

async function searchVenue(
  venue: Venue,
  share: number,
  options: ParityOptions,
  report: ParityReport,
): Promise<void> {
  const paths = await openPaths(venue, options.seed)
  const until = report.orders + share
  try {
    for (let batch = 0; report.orders < until; batch += 1) {
      const instrument = venue.instruments[batch % venue.instruments.length]
      if (instrument === undefined) throw new Error(`${venue.id} lists no instrument.`)
      await searchBatch(
        paths,
        caseArbitrary(venue, instrument),
        options.seed + batch,
        until,
        report,
      )
      options.onProgress?.({ venue: venue.id, orders: report.orders, stories: report.stories })
    }
  } finally {
    await paths.close()
  }
}

/** One batch; the first new kind of disagreement ends it, shrunk. */
async function searchBatch(
  paths: Paths,
  stories: fc.Arbitrary<Case>,
  seed: number,
  until: number,
  report: ParityReport,
): Promise<void> {
  const { venue } = paths
  let hunted: string | null = null
  let smallest: { found: Found; story: Case } | null = null
  let broke: Error | null = null
  const check = fc.asyncProperty(stories, async (story) => {
    if (hunted === null && report.orders >= until) return true
    if (broke !== null) return true
    const compared = await compare(paths, story).catch((cause: unknown) => {
      // No law was broken, the telling was: what comes after it on these paths means nothing.
      broke = new Error(`${venue.id} could not be told the story ${caseText(story)}`, { cause })
      return null
    })
    if (compared === null) return true
    const { found, placed, truth } = compared
    if (hunted === null) {
      count(report, venue.id, placed, truth, found)
      const fresh = known(report, venue.id, found)
      if (fresh === undefined) return true
      hunted = keyOf(venue.id, fresh)
    }
    const same = found.find((one) => keyOf(venue.id, one) === hunted)
    if (same === undefined) return true
    smallest = { found: same, story }
    return false
  })
  await fc.check(check, { seed, numRuns: BATCH, endOnFailure: false })
  if (broke !== null) throw broke
  keep(report, venue.id, smallest)
}

/** Counts known kinds; answers the first that is new. */
function known(report: ParityReport, venue: string, found: readonly Found[]): Found | undefined {
  let fresh: Found | undefined
  const counted = new Set<string>()
  for (const one of found) {
    const key = keyOf(venue, one)
    const seen = report.counterexamples.get(key)
    if (seen === undefined) fresh ??= one
    else if (!counted.has(key)) seen.times += 1
    counted.add(key)
  }
  return fresh
}

function keep(
  report: ParityReport,
  venue: string,
  smallest: { found: Found; story: Case } | null,
): void {
  if (smallest === null) return
  const { found, story } = smallest
  report.counterexamples.set(keyOf(venue, found), {
    venue,
    path: found.path,
    difference: found.difference,
    story: caseText(story),
    times: 1,
  })
}

/** What makes two disagreements one kind: law, path, what differs, and for verdicts both names. */
function keyOf(venue: string, { path, difference }: Found): string {
  const { law, what, expected, actual } = difference
  return what === 'verdict'
    ? `${venue} ${path} ${law} ${expected} ${actual}`
    : `${venue} ${path} ${law} ${what}`
}

function count(
  report: ParityReport,
  venue: string,
  placed: readonly PlaceStep[],
  truth: Told,
  found: readonly Found[],
): void {
  report.stories += 1
  report.orders += placed.length
  const reasons = report.byReason.get(venue) ?? new Map<End, Tally>()
  report.byReason.set(venue, reasons)
  for (const [nth, order] of placed.entries()) {
    const end = truth.story.orders[nth]?.end
    if (end === undefined) continue
    const scene = truth.scenes[nth]
    const reason = scene === undefined ? end : reasonOf(order, scene, end)
    const tally = reasons.get(reason) ?? { agreed: 0, disagreed: 0 }
    reasons.set(reason, tally)
    if (found.some(({ difference }) => difference.nth === nth)) tally.disagreed += 1
    else tally.agreed += 1
  }
}

/** Tells a kept story again. */
export async function replay(
  venues: readonly Venue[],
  text: string,
  seed: number,
): Promise<Compared> {
  const story = caseOf(text)
  const venue = venues.find(({ id }) => id === story.venue)
  if (venue === undefined) throw new Error(`no venue is called ${story.venue}.`)
  const paths = await openPaths(venue, seed)
  try {
    return await compare(paths, story)
  } finally {
    await paths.close()
  }
}

/** The report as a person reads it. */
export function reportText(report: ParityReport): string {
  const lines = [
    `parity: ${report.orders} orders in ${report.stories} stories, seed ${report.seed}`,
    '',
    '| venue | on the wire | agreed | disagreed |',
    '| --- | --- | ---: | ---: |',
  ]
  for (const [venue, reasons] of report.byReason) {
    for (const [reason, { agreed, disagreed }] of [...reasons].sort()) {
      lines.push(`| ${venue} | ${reason} | ${agreed} | ${disagreed} |`)
    }
  }
  lines.push('', `disagreements: ${report.counterexamples.size} kinds`)
  for (const { venue, path, difference, story, times } of report.counterexamples.values()) {
    const { law, nth, what, expected, actual } = difference
    const order = nth === null ? '' : ` of order ${nth}`
    lines.push(
      '',
      `${law} ${venue}, ${path}: ${what}${order} (in ${times} stories)`,
      `  wire: ${expected}`,
      `  path: ${actual}`,
      `  replay: npm run parity -- --replay '${story}'`,
    )
  }
  return lines.join('\n')
}

const digest = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex')

function firstDifference(a: readonly string[], b: readonly string[]): [string, string] {
  for (let nth = 0; nth < Math.max(a.length, b.length); nth += 1) {
    if (a[nth] !== b[nth]) return [a[nth] ?? 'nothing', b[nth] ?? 'nothing']
  }
  return ['', '']
}

/** The first words of a broken law, without its figures. */
const kindOf = (what: string): string => what.replace(/[-\d]+/g, '#').slice(0, 60)
