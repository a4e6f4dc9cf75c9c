/**
 * A process to be killed: a mock Kraken that keeps its journal in a folder and places order after order.
 * Every order that was answered is told on standard output, one `txid` a line.
 */
import { fileJournal } from '../../src/venue/file-journal.js'
import { krakenLab } from './kraken.js'

const [folder = ''] = process.argv.slice(2)
const lab = krakenLab({
  journal: fileJournal(folder),
  // The venue remembers the nonces of the process that was killed before this one.
  first_nonce: BigInt(Date.now()) * 1_000n,
})
await lab.mock.recover()
const account = lab.account('victim')
lab.sheetBook()
for (let n = 0; ; n++) {
  // Some rest, some take what the house restates now and then; snapshots happen on the way.
  if (n % 50 === 49) lab.sheetBook()
  if (n % 100 === 99) lab.mock.admin.restore(lab.mock.admin.snapshot())
  const price = n % 5 === 0 ? '30000.0' : '28000.0'
  const order = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.001', price }
  const { result, error } = await lab.call(account, 'AddOrder', order)
  if (result === undefined) throw new Error(String(error))
  process.stdout.write(`${result.txid[0]}\n`)
  if (price === '28000.0') await lab.call(account, 'CancelOrder', { txid: result.txid[0] })
}
