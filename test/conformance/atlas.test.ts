import { describe, expect, test } from 'vitest'
import { atlasTable, writtenTable } from './atlas-table.js'
import { subjects } from './subjects.js'

describe.each(subjects)('$venue.id', (subject) => {
  test('the README shows the atlas as the suite meets it (else: tsx test/conformance/write-atlas.ts)', () => {
    expect(writtenTable(subject)).toBe(atlasTable(subject))
  })
})
