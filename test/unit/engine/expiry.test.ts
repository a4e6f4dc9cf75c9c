/**
 * Expiry: orders that leave early do not pile up until their time comes.
 */
import { expect, test } from 'vitest'
import { Expiries } from '../../../src/engine/expiry.js'

/** So many orders, of which so many have left; what is still kept of them. */
function kept(came: number, left: number): number {
  const expiries = new Expiries()
  for (let id = 1; id <= came; id++) expiries.set(id, 1_000 - id)
  for (let id = 1; id <= left; id++) expiries.delete(id)
  expect(expiries.size).toBe(came - left)
  const due = Array.from({ length: came - left }, () => expiries.copy().due(2_000))
  expect(due.every((id) => id === came)).toBe(true)
  return expiries.entries
}

test('what left early is forgotten as soon as it is the majority of more than 64', () => {
  expect([kept(65, 32), kept(65, 33)]).toEqual([65, 32])
  expect([kept(66, 33), kept(66, 34)]).toEqual([66, 32])
  // A few are not worth the trouble.
  expect([kept(64, 63), kept(10, 9)]).toEqual([64, 10])
})

test('an order that never had a time changes nothing', () => {
  const expiries = new Expiries()
  for (let id = 1; id <= 100; id++) expiries.set(id, id)
  for (let id = 1; id <= 49; id++) expect(expiries.due(50)).toBe(id)
  expiries.delete(500)
  expect([expiries.size, expiries.entries, expiries.due(50)]).toEqual([51, 51, 50])
})
