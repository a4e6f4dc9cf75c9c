/**
 * Id map: at most half of its places are taken, and not one more than needed is made.
 */
import { expect, test } from 'vitest'
import { IdMap } from '../../../src/engine/id-map.js'

const PLACE_BYTES = 12

test('room doubles with the first id beyond half of the places', () => {
  const map = new IdMap(16)
  for (let id = 1; id <= 16; id++) map.add(id, id)
  expect(map.bytes).toBe(32 * PLACE_BYTES)
  map.add(17, 17)
  expect(map.bytes).toBe(64 * PLACE_BYTES)
  for (let id = 1; id <= 17; id++) expect(map.get(id)).toBe(id)
})
