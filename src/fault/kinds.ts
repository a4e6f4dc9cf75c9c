/**
 * Kinds: every fault there is, and what a plan entry may say.
 *
 * A plan entry is one flat object: which fault, where, when, on which of many, and the fault's own
 * options. It is parsed before anything runs; a mistake is told by its path.
 *
 * @module
 */

import { z } from 'zod'
import { clockSkew } from './clock-skew.js'
import { crossedFeed } from './crossed-feed.js'
import { disconnect } from './disconnect.js'
import { dropEvent } from './drop-event.js'
import { duplicateEvent } from './duplicate-event.js'
import { duplicateRequest } from './duplicate-request.js'
import { failedSettlement } from './failed-settlement.js'
import { feedGap } from './feed-gap.js'
import type { FaultKind } from './kind.js'
import { latency } from './latency.js'
import { lostAck } from './lost-ack.js'
import { lostRequest } from './lost-request.js'
import { maintenance } from './maintenance.js'
import { outage } from './outage.js'
import { reorderEvent } from './reorder-event.js'
import { serverError } from './server-error.js'
import { staleFeed } from './stale-feed.js'
import { throttle } from './throttle.js'
import { wrongChecksum } from './wrong-checksum.js'

const KINDS = [
  latency,
  lostRequest,
  lostAck,
  duplicateRequest,
  duplicateEvent,
  reorderEvent,
  dropEvent,
  disconnect,
  feedGap,
  wrongChecksum,
  staleFeed,
  crossedFeed,
  throttle,
  serverError,
  maintenance,
  clockSkew,
  outage,
  failedSettlement,
] as const

type Kind = (typeof KINDS)[number]
export type FaultType = Kind['type']
export type AnyKind = FaultKind<string, z.ZodObject, unknown, unknown>

/** Every fault by its name. */
export const faultKinds: ReadonlyMap<string, AnyKind> = new Map(
  KINDS.map((kind) => [kind.type, kind as AnyKind]),
)

const ACTIONS = [
  'create-order',
  'amend-order',
  'cancel-order',
  'read-private',
  'read-public',
  'subscribe',
  'other',
] as const
const CHANNELS = ['book', 'trades', 'private', 'reply', 'other'] as const

const match = z.strictObject({
  /** Requests and socket commands of this kind only. */
  action: z.enum(ACTIONS).optional(),
  /** Socket messages of this kind only. */
  channel: z.enum(CHANNELS).optional(),
  /** Requests whose path contains this. */
  path: z.string().min(1).optional(),
  /** The nth that fits, from 1, counted from when the fault begins. */
  nth: z.int().min(1).optional(),
  /** How many in a row; absent: one after `nth`, else all. */
  count: z.int().min(1).optional(),
  /** Of those that fit, this share, drawn from the fault's own stream. */
  chance: z.number().gt(0).max(1).optional(),
})

const envelope = {
  /** Venue, or `api` for the sandbox API itself. */
  venue: z.string().min(1),
  /** The client's id, or the key id of its credentials at the venue; absent: everyone. */
  account: z.string().min(1).optional(),
  /** Begins this long after it was injected. */
  after_ms: z.number().min(0).default(0),
  /** Lasts this long; absent: until cleared. */
  for_ms: z.number().positive().optional(),
  match: match.default({}),
} as const

type Envelope = z.input<z.ZodObject<typeof envelope>>

/** A plan entry as people write it. */
export type FaultInput = {
  [K in Kind as K['type']]: Envelope & { readonly type: K['type'] } & Fields<K['options']>
}[FaultType]

/** What a schema is given; nothing where it has no fields of its own. */
type Fields<Schema extends z.ZodObject> = string extends keyof z.input<Schema>
  ? unknown
  : z.input<Schema>

/** A checked plan entry. */
export interface FaultSpec {
  readonly kind: AnyKind
  readonly venue: string
  readonly account: string | null
  readonly after_ms: number
  readonly for_ms: number | null
  readonly match: z.output<typeof match>
  readonly options: unknown
}

const schemas = new Map(
  KINDS.map((kind) => [
    kind.type as string,
    z.strictObject({ ...envelope, type: z.literal(kind.type), ...kind.options.shape }),
  ]),
)

/** The schema of plan entries, for documents that contain them. */
export const faultSchema = z.discriminatedUnion(
  'type',
  KINDS.map((kind) =>
    z.strictObject({ ...envelope, type: z.literal(kind.type), ...kind.options.shape }),
  ) as unknown as [z.ZodObject<{ type: z.ZodLiteral<string> }>],
)

/** A plan entry that cannot be. `issues` name the fields. */
export class FaultError extends Error {
  readonly issues: readonly { readonly path: string; readonly message: string }[]
  constructor(issues: readonly { readonly path: string; readonly message: string }[]) {
    super(issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; '))
    this.name = 'FaultError'
    this.issues = issues
  }
}

/**
 * Checks one plan entry.
 *
 * @throws FaultError naming every field that is wrong.
 */
export function parseFault(input: unknown): FaultSpec {
  const type = (input as { type?: unknown } | null)?.type
  const kind = typeof type === 'string' ? faultKinds.get(type) : undefined
  if (kind === undefined) {
    throw new FaultError([
      {
        path: 'type',
        message: `no fault is called ${JSON.stringify(type)}; known: ${[...faultKinds.keys()].join(', ')}`,
      },
    ])
  }
  const parsed = schemas.get(kind.type)?.safeParse(input)
  if (parsed === undefined || !parsed.success) {
    throw new FaultError(
      (parsed?.error.issues ?? []).map((issue) => ({
        path: issue.path.join('.'),
        message: issue.message,
      })),
    )
  }
  const { venue, account, after_ms, for_ms, match: wanted, type: _type, ...options } = parsed.data
  refuseIdleMatch(kind, wanted)
  return {
    kind,
    venue,
    account: account ?? null,
    after_ms,
    for_ms: for_ms ?? null,
    match: wanted,
    options,
  }
}

/** A match that could never fit is a mistake of its writer. */
function refuseIdleMatch(kind: AnyKind, wanted: z.output<typeof match>): void {
  const seesCalls = kind.rest !== undefined || kind.inbound !== undefined
  const seesMessages = kind.outbound !== undefined || kind.feed !== undefined
  if ((wanted.action !== undefined || wanted.path !== undefined) && !seesCalls) {
    throw new FaultError([
      {
        path: 'match',
        message: `${kind.type} touches no requests; match it by channel, or not at all`,
      },
    ])
  }
  if (wanted.channel !== undefined && !seesMessages) {
    throw new FaultError([
      {
        path: 'match.channel',
        message: `${kind.type} touches no socket messages; match it by action or path`,
      },
    ])
  }
  if (wanted.action !== undefined && wanted.channel !== undefined) {
    throw new FaultError([
      { path: 'match', message: 'a match names an action or a channel, not both' },
    ])
  }
}
