/**
 * Door `papervenue/arbitraries`: fast-check generators of books, orders, accounts and commands.
 *
 * @module
 */

export {
  commands,
  type OrderState,
  type TradingModel,
  type TradingReal,
  tradingModel,
} from './commands.js'
export {
  accounts,
  type Balance,
  type Book,
  type BookLevel,
  books,
  type Market,
  type Order,
  orders,
  prices,
  quantities,
} from './values.js'
