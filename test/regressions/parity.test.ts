/**
 * Stories on which wire, live path and paper path once disagreed, shrunk. Each is told again.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { venues } from '../../venues/index.js'
import { caseOf } from '../parity/case.js'
import { compare, openPaths, type Paths } from '../parity/parity.js'

const STORIES: readonly (readonly [string, string])[] = [
  [
    'a market buy that money cannot finish is refused, not sent unpaid',
    '{"venue":"kraken","venue_symbol":"XDGUSD","market":"open","cash_1e8":"100000000000000n","held_1e8":"0n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[{"price_1e9":"30000000000200n","qty_1e8":"5000000000n"}]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"5000000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'a sale needs everything it sells, however thin the book',
    '{"venue":"kraken","venue_symbol":"XETHZUSD","market":"open","cash_1e8":"100000000000000n","held_1e8":"1000000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[{"price_1e9":"30000000000000n","qty_1e8":"1000000n"}],"asks":[]},"steps":[{"type":"place","outcome":null,"side":"sell","qty_1e8":"100000000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'an order that stops at an own order needs no money for what lies behind',
    '{"venue":"kraken","venue_symbol":"XXBTZUSD","market":"open","cash_1e8":"0n","held_1e8":"1000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[{"price_1e9":"30000200000000n","qty_1e8":"1000000n"}]},"steps":[{"type":"place","outcome":null,"side":"sell","qty_1e8":"1000000n","limit_price_1e9":"30000100000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":null,"side":"buy","qty_1e8":"1000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'options are checked before the market is, where the venue does',
    '{"venue":"kraken","venue_symbol":"SOLUSD","market":"paused","cash_1e8":"100000000000000n","held_1e8":"2000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"1999999n","limit_price_1e9":"30000000000000n","time_in_force":"ioc","post_only":true,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'an expiry in the past is looked at after the size',
    '{"venue":"kraken","venue_symbol":"XXBTZUSD","market":"open","cash_1e8":"30120000000n","held_1e8":"0n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"4999n","limit_price_1e9":"30000000000000n","time_in_force":"gtd","post_only":false,"reduce_only":false,"expires_in_ms":-60000}]}',
  ],
  [
    'what an account ate cannot be crossed by its post-only order',
    '{"venue":"kraken","venue_symbol":"XETHZUSD","market":"open","cash_1e8":"90360030000n","held_1e8":"3000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[{"price_1e9":"30000020000000n","qty_1e8":"1000000n"}]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"1000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":null,"side":"buy","qty_1e8":"1000000n","limit_price_1e9":"30000020000000n","time_in_force":"gtc","post_only":true,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'nor meet its resting order afterwards',
    '{"venue":"kraken","venue_symbol":"XXBTZUSD","market":"open","cash_1e8":"100000000000000n","held_1e8":"0n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[{"price_1e9":"30000200000000n","qty_1e8":"1000000n"}]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"1000000n","limit_price_1e9":"30006000000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":null,"side":"buy","qty_1e8":"1000000n","limit_price_1e9":"30000200000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":null,"side":"buy","qty_1e8":"4999n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'more lots than can be counted are off the lot',
    '{"venue":"kraken","venue_symbol":"XDGUSD","market":"open","cash_1e8":"100000000000000n","held_1e8":"5000000000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"5000000000000000n","limit_price_1e9":"30000000000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'an inactive market is a closed one at Kalshi',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T60","market":"paused","cash_1e8":"100000000000000n","held_1e8":"-500000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"1000000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'a fill-or-kill that meets an own order ends as an immediate one at Kalshi',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T60","market":"open","cash_1e8":"100000000000000n","held_1e8":"100000000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":"NO","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"500000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"sell","qty_1e8":"100000000n","limit_price_1e9":"500000000n","time_in_force":"fok","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'contracts that cancel held ones cost nothing, however little cash there is',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T70","market":"open","cash_1e8":"606020000n","held_1e8":"-500000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[{"price_1e9":"530000000n","qty_1e8":"1107000000n"}]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"1107000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'a reduction goes before what a resting order promised to close',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T70","market":"open","cash_1e8":"100000000000000n","held_1e8":"-500000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[{"price_1e9":"40000000n","qty_1e8":"100000000n"}]},"steps":[{"type":"place","outcome":"NO","side":"sell","qty_1e8":"401000000n","limit_price_1e9":"980000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"sell","qty_1e8":"100000000n","limit_price_1e9":"960000000n","time_in_force":"ioc","post_only":false,"reduce_only":true,"expires_in_ms":null}]}',
  ],
  [
    'a reduction is valued by what it may trade',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T60","market":"open","cash_1e8":"520000n","held_1e8":"1000000n","entry_price_1e9":"500000000n","depth":{"bids":[{"price_1e9":"500000000n","qty_1e8":"100000000n"}],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"1000000n","limit_price_1e9":"500000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"buy","qty_1e8":"10000000000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":true,"expires_in_ms":null}]}',
  ],
  [
    'a resting order that closes contracts needs its maker fee',
    '{"venue":"kalshi","venue_symbol":"KXETHD-99DEC31-T5000","market":"open","cash_1e8":"0n","held_1e8":"100000000000n","entry_price_1e9":"500000000n","depth":{"bids":[{"price_1e9":"500000000n","qty_1e8":"100000000n"}],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"sell","qty_1e8":"100000000n","limit_price_1e9":"500000000n","time_in_force":"gtc","post_only":true,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'a live market buy that closes contracts may still reach its own order',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T70","market":"open","cash_1e8":"100000000000000n","held_1e8":"399000000n","entry_price_1e9":"500000000n","depth":{"bids":[{"price_1e9":"500000000n","qty_1e8":"100000000n"}],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"400000000n","limit_price_1e9":"1000000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"sell","qty_1e8":"10000000000000n","limit_price_1e9":"490000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"buy","qty_1e8":"400000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'a trade told after its level takes nothing from the order at the front',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T70","market":"open","cash_1e8":"100000000000000n","held_1e8":"0n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"100000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"sell","qty_1e8":"100000000n","limit_price_1e9":"990000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"print","price_1e9":"10000000n","qty_1e8":"100000000n","taker_side":"sell"},{"type":"place","outcome":"YES","side":"buy","qty_1e8":"1000000n","limit_price_1e9":"20000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'an order at the front is filled by what trades',
    '{"venue":"kalshi","venue_symbol":"KXBTCD-99DEC31-T100000","market":"open","cash_1e8":"20000n","held_1e8":"100000000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"1000000n","limit_price_1e9":"1000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"print","price_1e9":"1000000n","qty_1e8":"100000000n","taker_side":"sell"},{"type":"place","outcome":"YES","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"1000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'what a maker fill took is not there for the next order to meet',
    '{"venue":"kalshi","venue_symbol":"KXETHD-99DEC31-T5000","market":"open","cash_1e8":"99910000n","held_1e8":"100000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[{"price_1e9":"4000000n","qty_1e8":"100000000n"}]},"steps":[{"type":"place","outcome":"NO","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"999000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"print","price_1e9":"1000000n","qty_1e8":"100000000n","taker_side":"buy"},{"type":"place","outcome":"NO","side":"sell","qty_1e8":"100000000n","limit_price_1e9":"996000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"cancel","nth":0}]}',
  ],
  [
    'an amendment below the minimum is refused',
    '{"venue":"kraken","venue_symbol":"XXBTZUSD","market":"open","cash_1e8":"100000000000000n","held_1e8":"1000000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"1000000n","limit_price_1e9":"30000000000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":0,"qty_1e8":"4999n","limit_price_1e9":"30000000000000n"}]}',
  ],
  [
    'an amendment that trades more than the old size ends at the new one',
    '{"venue":"kraken","venue_symbol":"XETHZUSD","market":"open","cash_1e8":"100000000000000n","held_1e8":"1000000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[{"price_1e9":"30000000000000n","qty_1e8":"3000000n"}],"asks":[]},"steps":[{"type":"place","outcome":null,"side":"sell","qty_1e8":"1000001n","limit_price_1e9":"30000600000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":0,"qty_1e8":"3000000n","limit_price_1e9":"29999970000000n"},{"type":"quote","side":"buy","price_1e9":"30000050000000n","more_1e8":"20000000n"},{"type":"place","outcome":null,"side":"buy","qty_1e8":"3000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"print","price_1e9":"30000060000000n","qty_1e8":"18000001n","taker_side":"buy"},{"type":"quote","side":"buy","price_1e9":"30000010000000n","more_1e8":"19000007n"},{"type":"amend","nth":0,"qty_1e8":"12000007n","limit_price_1e9":"29999990000000n"}]}',
  ],
  [
    'orders at Kalshi do not outlive the end of a pause',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T70","market":"open","cash_1e8":"520000n","held_1e8":"100000000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[{"price_1e9":"520000000n","qty_1e8":"100000000n"}]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"1000000n","limit_price_1e9":"500000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"state","state":"paused"},{"type":"state","state":"open"}]}',
  ],
  [
    'nothing is amended in a paused market at Kalshi',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T60","market":"open","cash_1e8":"100000000000000n","held_1e8":"0n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"20000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"state","state":"paused"},{"type":"amend","nth":0,"qty_1e8":"100000000n","limit_price_1e9":"10000000n"}]}',
  ],
  [
    'what an amended order sold before the answer is not held any more',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T60","market":"open","cash_1e8":"100000000000000n","held_1e8":"100000000n","entry_price_1e9":"500000000n","depth":{"bids":[{"price_1e9":"20000000n","qty_1e8":"100000000n"}],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"1000000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"970000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":1,"qty_1e8":"10000000000000n","limit_price_1e9":"980000000n"},{"type":"wait","ms":1}]}',
  ],
  [
    'an amendment off the grid reaches the venue as it is',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T70","market":"open","cash_1e8":"100000000000000n","held_1e8":"0n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"500000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":0,"qty_1e8":"1000000n","limit_price_1e9":"500000001n"},{"type":"print","price_1e9":"500000000n","qty_1e8":"100000000n","taker_side":"buy"}]}',
  ],
  [
    'what an account took is not counted again when the next order is paid for',
    '{"venue":"kraken","venue_symbol":"SOLUSD","market":"open","cash_1e8":"361440000000n","held_1e8":"2000000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[],"asks":[{"price_1e9":"30000020000000n","qty_1e8":"10000000n"}]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"12000000n","limit_price_1e9":"30000000000000n","time_in_force":"gtc","post_only":false,"reduce_only":true,"expires_in_ms":null},{"type":"place","outcome":null,"side":"buy","qty_1e8":"2000000n","limit_price_1e9":"30000020000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":null,"side":"buy","qty_1e8":"10000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'nor when a sale needs what that order bought',
    '{"venue":"kraken","venue_symbol":"XETHZUSD","market":"open","cash_1e8":"391560350000n","held_1e8":"13000000n","entry_price_1e9":"30000000000000n","depth":{"bids":[{"price_1e9":"30000000000000n","qty_1e8":"14000000n"}],"asks":[{"price_1e9":"30000020000000n","qty_1e8":"5000000n"},{"price_1e9":"30000030000000n","qty_1e8":"9000000n"}]},"steps":[{"type":"place","outcome":null,"side":"buy","qty_1e8":"13000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":null,"side":"sell","qty_1e8":"10000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"quote","side":"buy","price_1e9":"30000000000000n","more_1e8":"13000000n"},{"type":"place","outcome":null,"side":"buy","qty_1e8":"10000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":null,"side":"sell","qty_1e8":"17000000n","limit_price_1e9":"29999400000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null}]}',
  ],
  [
    'an amendment into an own order is refused at Kalshi',
    '{"venue":"kalshi","venue_symbol":"KXTEST-99DEC31-T60","market":"open","cash_1e8":"100000000000000n","held_1e8":"100000000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"sell","qty_1e8":"100000000n","limit_price_1e9":"510000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"YES","side":"buy","qty_1e8":"100000000n","limit_price_1e9":"500000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":0,"qty_1e8":"100000000n","limit_price_1e9":"500000000n"},{"type":"wait","ms":1}]}',
  ],
  [
    'what an account takes stood ahead of its own order',
    '{"venue":"kalshi","venue_symbol":"KXETHD-99DEC31-T5000","market":"open","cash_1e8":"100000000000000n","held_1e8":"-500000000n","entry_price_1e9":"500000000n","depth":{"bids":[],"asks":[{"price_1e9":"5000000n","qty_1e8":"100000000n"},{"price_1e9":"6000000n","qty_1e8":"100000000n"}]},"steps":[{"type":"place","outcome":"YES","side":"sell","qty_1e8":"100000000n","limit_price_1e9":"6000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"NO","side":"sell","qty_1e8":"107000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"print","price_1e9":"6000000n","qty_1e8":"100000000n","taker_side":"buy"}]}',
  ],
  [
    'a refused amendment holds what was held before it',
    '{"venue":"kalshi","venue_symbol":"KXBTCD-99DEC31-T100000","market":"open","cash_1e8":"100000000000000n","held_1e8":"0n","entry_price_1e9":"500000000n","depth":{"bids":[{"price_1e9":"2000000n","qty_1e8":"100000000n"}],"asks":[{"price_1e9":"4000000n","qty_1e8":"100000000n"}]},"steps":[{"type":"place","outcome":"NO","side":"sell","qty_1e8":"1000000n","limit_price_1e9":"998000000n","time_in_force":"gtc","post_only":true,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"YES","side":"sell","qty_1e8":"100000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":0,"qty_1e8":"100000000n","limit_price_1e9":"996000000n"}]}',
  ],
  [
    'a refused amendment of a closing order too',
    '{"venue":"kalshi","venue_symbol":"KXETHD-99DEC31-T5000","market":"open","cash_1e8":"1010000n","held_1e8":"100000000000n","entry_price_1e9":"500000000n","depth":{"bids":[{"price_1e9":"2000000n","qty_1e8":"100000000n"}],"asks":[]},"steps":[{"type":"place","outcome":"NO","side":"buy","qty_1e8":"1000000n","limit_price_1e9":"997000000n","time_in_force":"gtc","post_only":true,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":0,"qty_1e8":"100000000n","limit_price_1e9":"998000000n"}]}',
  ],
  [
    'an order amended in its place is promised no more to close than before',
    '{"venue":"kalshi","venue_symbol":"KXBTCD-99DEC31-T100000","market":"open","cash_1e8":"100000000000000n","held_1e8":"-500000000n","entry_price_1e9":"500000000n","depth":{"bids":[{"price_1e9":"500000000n","qty_1e8":"100000000n"}],"asks":[]},"steps":[{"type":"place","outcome":"YES","side":"buy","qty_1e8":"10000000000000n","limit_price_1e9":"490000000n","time_in_force":"gtc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"place","outcome":"YES","side":"sell","qty_1e8":"100000000n","limit_price_1e9":null,"time_in_force":"ioc","post_only":false,"reduce_only":false,"expires_in_ms":null},{"type":"amend","nth":0,"qty_1e8":"600000000n","limit_price_1e9":"490000000n"},{"type":"quote","side":"buy","price_1e9":"500000000n","more_1e8":null}]}',
  ],
]

describe('parity stays', () => {
  const opened = new Map<string, Promise<Paths>>()
  afterAll(async () => {
    for (const paths of opened.values()) await (await paths).close()
  })

  test.each(STORIES)('%s', async (_, text) => {
    const story = caseOf(text)
    const venue = venues.find(({ id }) => id === story.venue)
    if (venue === undefined) throw new Error(`no venue is called ${story.venue}`)
    const paths = opened.get(venue.id) ?? openPaths(venue, 1)
    opened.set(venue.id, paths)
    expect((await compare(await paths, story)).found).toEqual([])
  })
})
