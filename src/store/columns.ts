/**
 * Columns: rows gathered by column, as PostgreSQL array literals for `unnest`.
 *
 * @module
 */

export type Cell = string | number | bigint | boolean | null

/** One table's rows on their way into a statement. */
export class Columns {
  readonly #columns: string[]
  #count = 0

  constructor(width: number) {
    this.#columns = Array.from({ length: width }, () => '')
  }

  get count(): number {
    return this.#count
  }

  add(cells: readonly Cell[]): void {
    if (cells.length !== this.#columns.length) {
      throw new RangeError(`${cells.length} cells for ${this.#columns.length} columns.`)
    }
    const comma = this.#count === 0 ? '' : ','
    for (let i = 0; i < cells.length; i++) this.#columns[i] += comma + literal(cells[i] ?? null)
    this.#count += 1
  }

  /** One array literal a column. */
  literals(): string[] {
    return this.#columns.map((column) => `{${column}}`)
  }
}

/** An array element: quoted where it is text. PostgreSQL knows no NUL; it becomes the replacement character. */
function literal(cell: Cell): string {
  switch (typeof cell) {
    case 'string':
      return SPECIAL.test(cell) ? escaped(cell) : `"${cell}"`
    case 'boolean':
      return cell ? 't' : 'f'
    case 'number':
    case 'bigint':
      return cell.toString()
    default:
      return 'NULL'
  }
}

/** JSON escapes quotes and backslashes as an array does, and fast; control characters and halves of pairs otherwise. */
function escaped(text: string): string {
  return JSON_ONLY.test(text)
    ? `"${text.replace(NUL, '\uFFFD').replace(/[\\"]/g, '\\$&')}"`
    : JSON.stringify(text)
}

const NUL = new RegExp(String.fromCharCode(0), 'g')
const SPECIAL = new RegExp(`["\\\\${String.fromCharCode(0)}]`)
const JSON_ONLY = /[\p{Cc}\p{Surrogate}]/u
