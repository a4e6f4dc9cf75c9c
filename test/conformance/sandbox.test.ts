/** The sheets' worked examples a second time: through the sandbox's order path. */
import { describe, expect, test } from 'vitest'
import { endOf, runOnSandbox } from './sandbox-path.js'
import { subjects } from './subjects.js'
import { vectorQty } from './vector.js'
import { expectedOf } from './wire-path.js'

describe.each(subjects)('$venue.id', ({ venue, vectors }) => {
  const sized = vectors.filter(({ order }) => order.qty !== undefined)
  test.each(sized)('$id $title', async (vector) => {
    const { quote } =
      venue.instruments.find(({ venue_symbol }) => venue_symbol === vector.venue_symbol) ?? {}
    const cash = { ...vector.balances, ...vector.expect.balances }[quote ?? ''] ?? '0'
    expect(await runOnSandbox(venue, vector)).toEqual({
      end: endOf(venue, vector),
      fills: expectedOf(vector.expect).fills,
      cash_1e8: vectorQty(cash),
    })
  })
})
