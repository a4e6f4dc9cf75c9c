/** Rejects: the fact sheet's table of error texts, and what each means. */
import { expect, test } from 'vitest'
import { BOOK_REJECTS } from '../../../../src/engine/reject.js'
import {
  codeOfReason,
  codeOfText,
  doneReasons,
  entryTexts,
  texts,
  tooManyDecimals,
} from '../../../../venues/kraken/rejects.js'

/** @see ../shared/venues/kraken.md section 8 */
test.each([
  ['EOrder:Insufficient funds', 'insufficient-balance'],
  ['EOrder:Insufficient funds (insufficient user funds)', 'insufficient-balance'],
  ['EOrder:Order minimum not met', 'below-min-qty'],
  ['EOrder:Order minimum not met (volume too low)', 'below-min-qty'],
  ['EOrder:Cost minimum not met', 'below-min-notional'],
  ['EOrder:Tick size check failed', 'off-tick'],
  ['EOrder:Invalid price', 'off-tick'],
  ['EOrder:Invalid price:XXBTZEUR price can only be specified up to 1 decimals.', 'off-tick'],
  ['EOrder:Post only order', 'would-cross'],
  ['EOrder:Unknown order', 'unknown-order'],
  ['EOrder:Orders limit exceeded', 'too-many-orders'],
  ['EOrder:Scheduled orders limit exceeded', 'too-many-orders'],
  ['EOrder:Positions limit exceeded', 'position-limit'],
  ['EOrder:Rate limit exceeded', 'rate-limited'],
  ['EOrder:Domain rate limit exceeded', 'rate-limited'],
  ['EOrder:Reduce only:Non-PC', 'not-reducing'],
  ['EOrder:Margin allowance exceeded', 'unsupported-order'],
  ['EOrder:Cannot open position', 'unsupported-order'],
  ['EOrder:Invalid cl_ord_id', 'duplicate-client-id'],
  ['EGeneral:Invalid arguments', 'bad-request'],
  ['EGeneral:Invalid arguments:type', 'bad-request'],
  ['EGeneral:Invalid arguments:volume', 'off-lot'],
  ['EGeneral:Invalid arguments:viqc', 'unsupported-order'],
  ['EGeneral:Invalid arguments:oflags', 'unsupported-order'],
  ['EGeneral:Invalid arguments:ordertype', 'unsupported-order'],
  ['EGeneral:Invalid arguments:timeinforce', 'unsupported-order'],
  ['EGeneral:Invalid arguments:reduce_only', 'unsupported-order'],
  ['EGeneral:Invalid arguments:expiretm', 'expired'],
  ['EGeneral:Permission denied', 'permission'],
  ['EGeneral:Temporary lockout', 'auth'],
  ['EGeneral:Too many requests', 'rate-limited'],
  ['EGeneral:Internal error', 'venue-unavailable'],
  ['EGeneral:Internal error:42', 'venue-unavailable'],
  ['EGeneral:Unknown method', 'bad-request'],
  ['EAPI:Invalid key', 'auth'],
  ['EAPI:Invalid signature', 'auth'],
  ['EAPI:Invalid nonce', 'auth'],
  ['EAPI:Rate limit exceeded', 'rate-limited'],
  ['EQuery:Unknown asset pair', 'unknown-instrument'],
  ['EQuery:Unknown asset', 'unknown-instrument'],
  ['EQuery:Invalid asset pair', 'unknown-instrument'],
  ['Currency pair not supported FOO/USD', 'unknown-instrument'],
  ['EService:Unavailable', 'venue-paused'],
  ['EService:Busy', 'venue-unavailable'],
  ['EService:Throttled', 'rate-limited'],
  ['EService: Throttled: 1700000000', 'rate-limited'],
  ['Exceeded msg rate', 'rate-limited'],
  ['EService:Market in cancel_only mode', 'market-mode'],
  ['EService:Market in post_only mode', 'market-mode'],
  ['EService:Market in limit_only mode', 'market-mode'],
  ['EService:Deadline elapsed', 'expired'],
  ['EAccount:Invalid permissions', 'permission'],
  ['EAccount:Invalid permissions:EAAPL.T trading restricted', 'permission'],
  ['ETrade:User Locked', 'permission'],
  ['EAuth:Account temporary disabled', 'auth'],
  ['EBM:limit exceeded:CAL', 'position-limit'],
  ['ENew:Something nobody documented', 'bad-request'],
  ['', 'bad-request'],
  ['not at the beginning: EAPI:Invalid key', 'bad-request'],
])('%s means %s', (text, code) => {
  expect(codeOfText(text)).toBe(code)
})

test('the texts are Kraken’s, letter by letter', () => {
  expect(texts).toEqual({
    'KR-01': 'EAPI:Invalid key',
    'KR-02': 'EAPI:Invalid signature',
    'KR-03': 'EAPI:Invalid nonce',
    'KR-04': 'EGeneral:Invalid arguments',
    'KR-05': 'EQuery:Unknown asset pair',
    'KR-06-cancel': 'EService:Market in cancel_only mode',
    'KR-06-post': 'EService:Market in post_only mode',
    'KR-06-limit': 'EService:Market in limit_only mode',
    'KR-07': 'EOrder:Tick size check failed',
    'KR-09': 'EGeneral:Invalid arguments:volume',
    'KR-10': 'EOrder:Order minimum not met',
    'KR-11': 'EOrder:Cost minimum not met',
    'KR-12': 'EOrder:Insufficient funds',
    'KR-13': 'EOrder:Post only order',
    'KR-19': 'EOrder:Unknown order',
    'KR-20': 'EService:Deadline elapsed',
    'KR-21': 'EAPI:Rate limit exceeded',
    'KR-22': 'EOrder:Rate limit exceeded',
    'KR-23': 'EOrder:Orders limit exceeded',
    'KR-24': 'EGeneral:Invalid arguments:viqc',
    'KR-25': 'EGeneral:Invalid arguments:oflags',
    duplicate: 'EOrder:Invalid cl_ord_id',
    permission: 'EGeneral:Permission denied',
    method: 'EGeneral:Unknown method',
    asset: 'EQuery:Unknown asset',
    unavailable: 'EService:Unavailable',
    busy: 'EService:Busy',
  })
  expect(tooManyDecimals('XXBTZEUR', 1)).toBe(
    'EOrder:Invalid price:XXBTZEUR price can only be specified up to 1 decimals.',
  )
})

test('what the engine refuses at entry is worded so that it means the same', () => {
  const alike = Object.entries(entryTexts).filter(([code, text]) => codeOfText(text) === code)
  // These share a text with a neighbour, because Kraken has no words of its own for them.
  const shared = Object.keys(entryTexts).filter((code) => !alike.some(([own]) => own === code))
  expect(shared.sort()).toEqual([
    'above-max-qty',
    'clock-skew',
    'group-blocked',
    'market-closed',
    'not-amendable',
    'price-bounds',
    'price-deviation',
    'stale-book',
    'venue-unavailable',
  ])
  for (const text of Object.values(entryTexts)) expect(text).toMatch(/^E[A-Z]\w+:/)
})

test('reasons of ended orders are attested or ours, and those of the book read back', () => {
  expect(doneReasons).toEqual({
    filled: null,
    cancelled: 'User requested',
    expired: 'Order expired',
    'market-closed': 'Market closed',
    'market-state': 'Market state changed',
    'reduced-to-zero': 'User requested',
    liquidation: 'Liquidated',
    'no-liquidity': 'Insufficient liquidity',
    'would-cross': 'Post only order',
    'fok-unfilled': 'Fill or kill order not filled',
    'ioc-unfilled': 'Immediate or cancel order not filled',
    'self-trade': 'Cannot trade with self',
    'not-reducing': 'Reduce only order would not reduce',
  })
  for (const code of BOOK_REJECTS) expect(codeOfReason(doneReasons[code] ?? '')).toBe(code)
  expect(codeOfReason('User requested')).toBeUndefined()
  expect(codeOfReason('')).toBeUndefined()
})
