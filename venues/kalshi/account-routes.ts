/**
 * Account routes: order groups, API keys, limits.
 *
 * @see https://docs.kalshi.com/getting_started/order_groups
 *
 * @module
 */

import { createPublicKey } from 'node:crypto'
import { idUuid } from '../../src/venue/ids.js'
import {
  ALL_SCOPES,
  type Answer,
  accountOf,
  accountsOf,
  type Call,
  ok,
  type PrivateCall,
  refused,
} from './call.js'
import { venueCommand } from './commands.js'
import { type Decoded, decode } from './decode.js'
import { CONTRACT_LOTS, GROUP_LIMIT_MAX, GROUPS_MAX } from './groups.js'
import { bucketSize, DEFAULT_COST, ENDPOINT_COSTS } from './limits.js'
import { reject, type WireError } from './rejects.js'
import { SUBACCOUNT_MAX, sizeOf } from './rules.js'
import type { Group } from './state.js'
import { lots } from './views.js'

const SUBACCOUNT = { min: 0, max: SUBACCOUNT_MAX }
const LIMIT_SHAPE = {
  contracts_limit: 'int',
  contracts_limit_fp: 'string',
  subaccount: 'int',
  exchange_index: 'int',
} as const

/** Lots of a limit given in contracts, in fixed point, or in both when they agree. */
function limitLots(body: Decoded<typeof LIMIT_SHAPE>): number | undefined {
  const { contracts_limit, contracts_limit_fp } = body
  const whole = contracts_limit === undefined ? undefined : contracts_limit * CONTRACT_LOTS
  const qty_1e8 = contracts_limit_fp === undefined ? undefined : sizeOf(contracts_limit_fp)
  if (contracts_limit_fp !== undefined && qty_1e8 === undefined) return undefined
  const fixed = qty_1e8 === undefined ? undefined : Number(qty_1e8 / 1_000_000n)
  if (whole !== undefined && fixed !== undefined && whole !== fixed) return undefined
  const found = fixed ?? whole
  if (found === undefined) return undefined
  return found >= CONTRACT_LOTS && found <= GROUP_LIMIT_MAX * CONTRACT_LOTS ? found : undefined
}

function readLimit(call: PrivateCall, struct: string) {
  const body = call.body()
  if (!body.ok) return body
  const decoded = decode(body.value, struct, LIMIT_SHAPE)
  if (!decoded.ok) return decoded
  const { contracts_limit, contracts_limit_fp } = decoded.value
  if (contracts_limit === undefined && contracts_limit_fp === undefined) {
    return { ok: false, error: refused(reject('missing_parameters')) } as const
  }
  const limit_lots = limitLots(decoded.value)
  if (limit_lots === undefined) {
    return { ok: false, error: refused(reject('invalid_parameters')) } as const
  }
  return { ok: true, limit_lots, body: decoded.value } as const
}

export function createGroup(call: PrivateCall): Answer | WireError {
  const { venue, caller } = call
  const read = readLimit(call, 'CreateOrderGroupRequest')
  if (!read.ok) return read.error
  const subaccount = read.body.subaccount ?? caller.key.subaccount ?? 0
  const account = accountOf(caller, subaccount)
  if (!account.ok) return refused(account.reject)
  const { member_id: member } = caller
  const own = [...venue.host.state.groups.values()].filter((group) => group.member === member)
  if (own.length >= GROUPS_MAX) return refused(reject('invalid_parameters'))
  const { value } = venue.host.apply(
    venueCommand({
      name: 'group-create',
      member,
      account_id: account.account_id,
      limit_lots: read.limit_lots,
    }),
  )
  return ok({ order_group_id: value, subaccount, exchange_index: 0 }, 201)
}

const groupView = (group: Group) => ({
  is_auto_cancel_enabled: true,
  contracts_limit_fp: lots(group.limit_lots),
  exchange_index: 0,
})

export function orderGroups({ venue, caller, query }: PrivateCall): Answer | WireError {
  const subaccount = query.int('subaccount', SUBACCOUNT)
  if (query.error !== undefined) return query.error
  const accounts = accountsOf(caller, subaccount)
  const own = [...venue.host.state.groups.values()].filter((group) =>
    accounts.includes(group.account_id),
  )
  return ok({
    order_groups: own.map((group) => ({ id: group.group_id, ...groupView(group) })),
  })
}

/** The group of a path, when it belongs to the subaccount asked for. */
function findGroup({ venue, caller, params, query }: PrivateCall): Group | WireError {
  const subaccount = query.int('subaccount', SUBACCOUNT) ?? caller.key.subaccount ?? 0
  if (query.error !== undefined) return query.error
  const group = venue.host.state.groups.get(params.order_group_id ?? '')
  const account = accountOf(caller, subaccount)
  if (!account.ok) return refused(account.reject)
  if (group === undefined || group.account_id !== account.account_id) {
    return refused(reject('not_found'))
  }
  return group
}

export function orderGroup(call: PrivateCall): Answer | WireError {
  const group = findGroup(call)
  if ('status' in group) return group
  const orders = group.orders.flatMap(
    (order_id) => call.venue.host.records.order(order_id)?.id ?? [],
  )
  return ok({ ...groupView(group), orders })
}

export function changeGroup(name: 'group-reset' | 'group-trigger' | 'group-delete') {
  return (call: PrivateCall): Answer | WireError => {
    const group = findGroup(call)
    if ('status' in group) return group
    call.venue.host.apply(venueCommand({ name, group_id: group.group_id }))
    return ok({})
  }
}

export function limitGroup(call: PrivateCall): Answer | WireError {
  const group = findGroup(call)
  if ('status' in group) return group
  const read = readLimit(call, 'UpdateOrderGroupLimitRequest')
  if (!read.ok) return read.error
  const { group_id } = group
  call.venue.host.apply(
    venueCommand({ name: 'group-limit', group_id, limit_lots: read.limit_lots }),
  )
  return ok({})
}

export function apiKeys({ venue, caller }: PrivateCall): Answer {
  const { host } = venue
  const first = caller.member_id
  const own = [...host.state.keys.values()].filter(({ member }) => member === first)
  const account = host.account(first)
  const keys = [
    { key_id: account.key, name: account.label, scopes: ALL_SCOPES, subaccount: null },
    ...own,
  ]
  return ok({
    api_keys: keys.map(({ key_id, name, scopes, subaccount }) => ({
      api_key_id: key_id,
      name,
      scopes,
      ...(subaccount === null ? {} : { subaccount }),
    })),
  })
}

const SCOPES = [
  'read',
  'write',
  'read::block_trade_accept',
  'read::portfolio_balance',
  'write::trade',
  'write::transfer',
  'write::block_trade_accept',
]

/** Registers a public key of the caller's own making. */
export function createApiKey(call: PrivateCall): Answer | WireError {
  const { venue, caller } = call
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'CreateApiKeyRequest', {
    name: 'string',
    public_key: 'string',
    scopes: 'list',
    subaccount: 'int',
  })
  if (!decoded.ok) return decoded.error
  const { name, public_key, scopes = [...ALL_SCOPES], subaccount } = decoded.value
  if (!name || !public_key) return refused(reject('missing_parameters'))
  if (!isPublicKey(public_key)) return refused(reject('invalid_parameters'))
  const known = scopes.filter((scope) => SCOPES.some((one) => one === scope)) as string[]
  if (known.length === 0 || known.length !== scopes.length) {
    return refused(reject('invalid_parameters'))
  }
  if (subaccount !== undefined) {
    const account = accountOf(caller, subaccount)
    if (!account.ok) return refused(account.reject)
  }
  const key_id = idUuid('kalshi/key', venue.host.state.keys.size + 1)
  venue.host.apply(
    venueCommand({
      name: 'key',
      key: {
        key_id,
        name,
        public_key_pem: public_key,
        scopes: known,
        subaccount: subaccount ?? null,
        member: caller.member_id,
      },
    }),
  )
  return ok({ api_key_id: key_id }, 201)
}

function isPublicKey(pem: string): boolean {
  try {
    return ['rsa', 'ed25519'].includes(createPublicKey(pem).asymmetricKeyType ?? '')
  } catch {
    // Whatever it is, it is no public key: the caller is told so.
    return false
  }
}

export function accountLimits({ venue }: PrivateCall): Answer {
  const tier = venue.limits.tier ?? 'prestige'
  return ok({
    usage_tier: tier,
    read: bucketSize(tier, 'read'),
    write: bucketSize(tier, 'write'),
    grants: [],
  })
}

export const endpointCosts = (_: Call): Answer =>
  ok({ default_cost: DEFAULT_COST, endpoint_costs: ENDPOINT_COSTS })
