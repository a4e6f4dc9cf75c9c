import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getTableConfig } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { Columns } from '../../../src/store/columns.js'
import { migrations } from '../../../src/store/migrations.js'
import { tables } from '../../../src/store/schema.js'
import { embedded } from '../../support/embed-migrations.js'

test('writes cells as array literals that PostgreSQL reads back', () => {
  const columns = new Columns(2)
  columns.add(['plain', 1n])
  columns.add(['a "quote", a \\ and {braces}', -(2n ** 70n)])
  columns.add([null, null])
  columns.add(['', 1.5])
  columns.add([`nul ${String.fromCharCode(0)}`, true])
  columns.add(['a "line"\nand a tab\t', false])
  columns.add(['a "smile" \u{1F600}', 0])
  expect(columns.literals()).toEqual([
    '{"plain","a \\"quote\\", a \\\\ and {braces}",NULL,"","nul \uFFFD",' +
      '"a \\"line\\"\nand a tab\t","a \\"smile\\" \u{1F600}"}',
    `{1,${-(2n ** 70n)},NULL,1.5,t,f,0}`,
  ])
  expect(columns.count).toBe(7)
  expect(() => columns.add(['too few'])).toThrow('1 cells for 2 columns')
})

test('the embedded migrations are those on disk', () => {
  const folder = join(import.meta.dirname, '../../../src/store')
  expect(embedded().replace(/\s+/g, ' ')).toBe(
    readFileSync(join(folder, 'migrations.ts'), 'utf8').replace(/\s+/g, ' '),
  )
  const files = readdirSync(join(folder, 'migrations')).filter((name) => name.endsWith('.sql'))
  expect(migrations).toHaveLength(files.length)
})

test('the migrations make every table and column of the schema, client first in each key', () => {
  const text = migrations.map(({ sql }) => sql).join('\n')
  for (const [name, table] of Object.entries(tables)) {
    const { columns, primaryKeys } = getTableConfig(table)
    const made = new RegExp(`CREATE TABLE "${name}" \\(([\\s\\S]*?)\\n\\);`).exec(text)?.[1] ?? ''
    for (const column of columns) {
      const added = `ALTER TABLE "${name}" ADD COLUMN "${column.name}" ${column.getSQLType()}`
      const known =
        made?.includes(`"${column.name}" ${column.getSQLType()}`) || text.includes(added)
      expect(known, column.name).toBe(true)
    }
    // How a market ended is nobody's row; everything else belongs to a client.
    const first = name === 'resolutions' ? 'venue' : 'client_id'
    expect(primaryKeys[0]?.columns[0]?.name).toBe(first)
  }
})
