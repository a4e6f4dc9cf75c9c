/**
 * Document: a story as JSON, for people who write no TypeScript. Mistakes point at their line.
 *
 * Comments and trailing commas are allowed; numbers keep their digits.
 *
 * @module
 */

import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Venue } from '../venue/contract.js'
import { JsonNumber } from '../wire/json.js'
import { checkScenario, type Scenario, ScenarioError } from './scenario.js'

/** A mistake in a document, with the place it was made. Lines and columns count from 1. */
export interface DocumentIssue {
  readonly line: number
  readonly column: number
  readonly path: string
  readonly message: string
}

/** A document that is refused before it runs. Its message is one `file:line:column` a mistake. */
export class DocumentError extends Error {
  readonly issues: readonly DocumentIssue[]
  constructor(file: string, issues: readonly DocumentIssue[]) {
    super(
      issues
        .map(
          ({ line, column, path, message }) =>
            `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`,
        )
        .join('\n'),
    )
    this.name = 'DocumentError'
    this.issues = issues
  }
}

/**
 * A checked story of a JSON text.
 *
 * @throws DocumentError listing every mistake.
 */
export function parseScenario(
  text: string,
  options: { readonly file: string; readonly venues?: readonly Venue[] },
): Scenario {
  const { file, venues } = options
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  if (errors.length > 0 || root === undefined) {
    const found = errors.length > 0 ? errors : [{ offset: 0, length: 0, error: 0 as never }]
    throw new DocumentError(
      file,
      found.map(({ offset, error }) => ({
        ...placeOf(text, offset),
        path: '',
        message: root === undefined && errors.length === 0 ? 'the document is empty' : words(error),
      })),
    )
  }
  refuseRepeatedKeys(root, text, file)
  try {
    return checkScenario(dataOf(root, text), venues)
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    throw new DocumentError(
      file,
      error.issues.map(({ path, message }) => ({
        ...placeOf(text, nearest(root, path)),
        path: path.join('.'),
        message,
      })),
    )
  }
}

/** The data of a node: numbers as written, keys as plain data. */
function dataOf(node: Node, text: string): unknown {
  switch (node.type) {
    case 'object': {
      const data: Record<string, unknown> = {}
      for (const { children = [] } of node.children ?? []) {
        const [key, value] = children
        if (key === undefined || value === undefined) continue
        Object.defineProperty(data, String(key.value), {
          value: dataOf(value, text),
          enumerable: true,
          configurable: true,
          writable: true,
        })
      }
      return data
    }
    case 'array':
      return (node.children ?? []).map((child) => dataOf(child, text))
    case 'number':
      return new JsonNumber(text.slice(node.offset, node.offset + node.length))
    default:
      return node.value
  }
}

function refuseRepeatedKeys(node: Node, text: string, file: string): void {
  const seen = new Set<string>()
  for (const child of node.children ?? []) {
    if (child.type !== 'property') {
      refuseRepeatedKeys(child, text, file)
      continue
    }
    const [key, value] = child.children ?? []
    const name = String(key?.value)
    if (seen.has(name)) {
      throw new DocumentError(file, [
        { ...placeOf(text, child.offset), path: name, message: 'is written twice in one object' },
      ])
    }
    seen.add(name)
    if (value !== undefined) refuseRepeatedKeys(value, text, file)
  }
}

/** Offset of the deepest part of a path that the document has. */
function nearest(root: Node, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length).map(indexed))
    if (node !== undefined) return node.offset
  }
  return 0
}

/** Custom issues name list positions by text. */
const indexed = (part: string | number): string | number =>
  typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

const words = (error: ParseError['error']): string =>
  printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
