/** Reference of the start bench: an embedded database in memory, up to its first answer. */
import { PGlite } from '@electric-sql/pglite'

const db = await PGlite.create('memory://')
await db.query('select 1')
console.log('ready')
