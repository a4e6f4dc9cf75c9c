/**
 * Decimal: exact conversion between decimal text and fixed-point integers.
 *
 * Pure. Numbers people write are read from their text, never through a float: 0.29 at scale 8 is
 * 29,000,000, where a double's floor gives 28,999,999.
 *
 * @module
 */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/** What to do with digits beyond the scale. */
export type Excess = 'cut' | 'refuse'

/**
 * Fixed-point integer of a decimal text.
 *
 * @param text - Decimal with optional sign, fraction and exponent: `0.29`, `-1.5`, `1e21`.
 * @param decimals - Digits kept after the point.
 * @param excess - `cut` drops further digits (toward zero); `refuse` answers `undefined` if any is not 0.
 * @returns The integer, or `undefined` when the text is no decimal number.
 *
 * @example
 * parseDecimal('0.29', 8) // 29_000_000n
 */
export function parseDecimal(
  text: string,
  decimals: number,
  excess: Excess = 'cut',
): bigint | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = whole + fraction
  const shift = decimals + Number(exponent) - fraction.length
  if (shift >= 0) {
    const value = BigInt(digits) * 10n ** BigInt(shift)
    return sign === '-' ? -value : value
  }
  const kept = digits.slice(0, Math.max(0, digits.length + shift))
  const dropped = digits.slice(Math.max(0, digits.length + shift))
  if (excess === 'refuse' && /[1-9]/.test(dropped)) return undefined
  const value = BigInt(kept || '0')
  return sign === '-' ? -value : value
}

/**
 * Decimal text of a fixed-point integer.
 *
 * @param value - The integer.
 * @param decimals - Its scale: digits after the point.
 * @param shown - Fixed digits to print; absent: as many as needed, at least none. Fewer digits than needed cut toward zero.
 *
 * @example
 * formatDecimal(29_000_000n, 8) // '0.29'
 * formatDecimal(29_000_000n, 8, 4) // '0.2900'
 */
export function formatDecimal(value: bigint, decimals: number, shown?: number): string {
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals)
  const tail =
    shown === undefined ? fraction.replace(/0+$/, '') : fraction.slice(0, shown).padEnd(shown, '0')
  const text = tail === '' ? whole : `${whole}.${tail}`
  return negative && /[1-9]/.test(text) ? `-${text}` : text
}
