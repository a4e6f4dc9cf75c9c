/**
 * Structure: whether one payload has the shape of another: the same keys, types and formats.
 *
 * Two texts have the same format when their classes agree: a decimal and its number of digits behind the
 * point, an RFC 3339 time and its precision, an order id, a UUID, or plain words. Of
 * arrays, rows are compared with the first recorded row; tuples by position.
 * What may differ is listed by the caller, with its reason.
 */

/** A difference that is known and explained. `path` may end in `.**` for everything below. */
export interface Exception {
  readonly path: string
  readonly reason: string
}

export interface CompareOptions {
  readonly exceptions?: readonly Exception[]
  /** Keys whose names are data (pair ids, order ids): compared by their values alone. */
  readonly mapsAt?: readonly string[]
}

type Value = unknown

/** Every difference, as `path: what`. Empty: the same structure. */
export function differences(ours: Value, recorded: Value, options: CompareOptions = {}): string[] {
  const found: { path: string; text: string }[] = []
  compare('$', ours, recorded, options, (path, text) => found.push({ path, text }))
  const exceptions = options.exceptions ?? []
  return found
    .filter(({ path }) => !exceptions.some((exception) => covers(exception.path, path)))
    .map(({ path, text }) => `${path}: ${text}`)
}

/** Exceptions that no difference needs any more. */
export function unusedExceptions(
  ours: Value,
  recorded: Value,
  options: CompareOptions,
): Exception[] {
  const paths: string[] = []
  compare('$', ours, recorded, options, (path) => paths.push(path))
  return (options.exceptions ?? []).filter(
    (exception) => !paths.some((path) => covers(exception.path, path)),
  )
}

/** The class of a text: what two texts of one format share. */
export function formatOf(text: string): string {
  const decimal = /^-?\d+(?:\.(\d+))?$/.exec(text)
  if (decimal) return decimal[1] === undefined ? 'whole number' : `decimal/${decimal[1].length}`
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) return 'uuid'
  if (/^[A-Z0-9]{6}-[A-Z0-9]{5}-[A-Z0-9]{6}$/.test(text)) return 'order id'
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (time) return `time/${time[1] === undefined ? 0 : 'fraction'}`
  if (/^\w{3}, \d{1,2} \w{3} \d\d \d\d:\d\d:\d\d \+0000$/.test(text)) return 'rfc 1123'
  return 'text'
}

type Report = (path: string, text: string) => void

function compare(
  path: string,
  ours: Value,
  recorded: Value,
  options: CompareOptions,
  report: Report,
): void {
  const [mine, theirs] = [kindOf(ours), kindOf(recorded)]
  if (mine !== theirs) {
    report(path, `${mine}, recorded ${theirs}`)
    return
  }
  if (typeof ours === 'string' && typeof recorded === 'string') {
    const [own, other] = [formatOf(ours), formatOf(recorded)]
    if (own !== other) report(path, `"${ours}" (${own}), recorded "${recorded}" (${other})`)
    return
  }
  if (Array.isArray(ours) && Array.isArray(recorded)) {
    compareArrays(path, ours, recorded, options, report)
  }
  if (isRecord(ours) && isRecord(recorded)) compareRecords(path, ours, recorded, options, report)
}

function compareArrays(
  path: string,
  ours: Value[],
  recorded: Value[],
  options: CompareOptions,
  report: Report,
): void {
  const [first] = recorded
  if (first === undefined) return
  if (ours.length === 0) {
    report(path, 'empty, recorded with rows')
    return
  }
  // A tuple has values of several kinds or differs by position; rows are all alike.
  const tuple = recorded.some((value) => shapeOf(value) !== shapeOf(first))
  if (tuple) {
    if (ours.length !== recorded.length) {
      report(path, `${ours.length} fields, recorded ${recorded.length}`)
    }
    for (const [at, value] of recorded.entries()) {
      compare(`${path}[${at}]`, ours[at], value, options, report)
    }
    return
  }
  for (const value of ours) compare(`${path}[]`, value, first, options, report)
}

function compareRecords(
  path: string,
  ours: Readonly<Record<string, Value>>,
  recorded: Readonly<Record<string, Value>>,
  options: CompareOptions,
  report: Report,
): void {
  if (options.mapsAt?.includes(path)) {
    const [first] = Object.values(recorded)
    const values = Object.values(ours)
    if (values.length === 0) report(path, 'empty, recorded with entries')
    for (const value of values) compare(`${path}.*`, value, first, options, report)
    return
  }
  for (const key of Object.keys(recorded)) {
    if (key in ours) compare(`${path}.${key}`, ours[key], recorded[key], options, report)
    else report(`${path}.${key}`, 'missing')
  }
  for (const key of Object.keys(ours)) {
    if (!(key in recorded)) report(`${path}.${key}`, 'not recorded')
  }
}

function kindOf(value: Value): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const shapeOf = (value: Value): string =>
  typeof value === 'string' ? formatOf(value) : kindOf(value)

const isRecord = (value: Value): value is Readonly<Record<string, Value>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function covers(pattern: string, path: string): boolean {
  if (pattern === path) return true
  return pattern.endsWith('.**') && path.startsWith(pattern.slice(0, -2))
}
