/**
 * Stryker's test runner for the engine: every test is loaded once, and then runs in the same process for mutant after
 * mutant. A mutant costs the tests it fails, where a runner that starts a worker for each costs a second before the
 * first test. The tests are Vitest's; what they import from `vitest` is this file, which has the few words they use
 * (`describe`, `test`, `expect`, `.each`) and lists the tests instead of running them.
 *
 * The first failure ends a mutant, so tests that have caught most so far come first, then unit tests. Properties draw from the run's one seed, few times, and do
 * not shrink: what is asked of a mutant is whether it is noticed, not by which input. A test that does not end is stopped
 * and tried once more with twice the time, so that a busy machine does not count as a mutant caught.
 */
import { readdirSync } from 'node:fs'
import { register } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from '@vitest/expect'
import fc from 'fast-check'

const FOLDERS = ['test/regressions', 'test/unit/engine', 'test/property/engine']
const FILES = /(?:\/engine\/[^/]+|regressions\/engine)\.test\.ts$/

/** @type {{ id: string, run: () => unknown }[]} In the order they run. */
const cases = []
/** @type {string[]} */
let path = []

/** @param {string} name @param {() => void} body */
export function describe(name, body) {
  path.push(name)
  body()
  path.pop()
}
/** @param {string} name @param {() => unknown} run */
export function test(name, run) {
  cases.push({ id: [...path, name].join(' > '), run })
}
describe.each = each(describe)
test.each = each(test)

/** One of these a row; a row that is a list is spread, and the row's number keeps names apart. */
function each(word) {
  return (rows) => (name, body) => {
    for (const [at, row] of rows.entries()) {
      word(`${name} #${at}`, () => (Array.isArray(row) ? body(...row) : body(row)))
    }
  }
}

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)
/** @param {unknown} value @param {string} [message] */
export const expect = (value, message) => chai.expect(value, message)
Object.assign(expect, chai.expect)
setState({ assertionCalls: 0, isExpectingAssertions: false }, expect)

class Runner {
  static inject = tokens('globalNamespace')

  /** @param {string} namespace Where the mutated code looks for its orders. */
  constructor(namespace) {
    globalThis[namespace] ??= {}
    this.orders = globalThis[namespace]
    this.loaded = false
    /** Mutants caught, by test. */
    this.caught = new Map()
    /** Shortest time of a test that passed, in ms. */
    this.best = new Map()
  }

  capabilities() {
    return { reloadEnvironment: false }
  }

  async dryRun() {
    await this.load()
    const { failed, results } = await this.run(cases)
    if (failed !== undefined) {
      return { status: DryRunStatus.Complete, tests: results }
    }
    return {
      status: DryRunStatus.Complete,
      tests: results,
      mutantCoverage: this.orders.mutantCoverage,
    }
  }

  async mutantRun({ activeMutant, hitLimit, mutantActivation, testFilter }) {
    this.orders.hitLimit = hitLimit
    this.orders.hitCount = hitLimit === undefined ? undefined : 0
    if (mutantActivation === 'static') this.orders.activeMutant = activeMutant.id
    await this.load()
    this.orders.activeMutant = activeMutant.id
    const wanted = testFilter === undefined ? undefined : new Set(testFilter)
    const caught = (id) => this.caught.get(id) ?? 0
    const { endless, failed, results } = await this.run(
      cases.filter(({ id }) => wanted?.has(id) ?? true).sort((a, b) => caught(b.id) - caught(a.id)),
    )
    if (failed !== undefined) this.caught.set(failed, caught(failed) + 1)
    const limit = endless
      ? { status: DryRunStatus.Timeout, reason: `${failed} does not end` }
      : determineHitLimitReached(this.orders.hitCount, hitLimit)
    this.orders.activeMutant = undefined
    return toMutantRunResult(limit ?? { status: DryRunStatus.Complete, tests: results })
  }

  async load() {
    if (this.loaded) return
    this.loaded = true
    process.env.PAPERVENUE_RUNS ??= '10'
    const seed = Number(process.env.PAPERVENUE_SEED ?? 20_261_122)
    fc.configureGlobal({ seed, numRuns: 25, endOnFailure: true })
    const here = JSON.stringify(import.meta.url)
    const hook = `export const resolve = (name, context, next) =>
      name === 'vitest' ? { url: ${here}, shortCircuit: true } : next(name, context)`
    register(`data:text/javascript,${encodeURIComponent(hook)}`)
    for (const folder of FOLDERS) {
      for (const file of readdirSync(folder).sort()) {
        const whole = resolve(folder, file)
        if (!FILES.test(whole)) continue
        path = [relative(process.cwd(), join(folder, file))]
        await import(pathToFileURL(whole).href)
      }
    }
  }

  /** Runs tests one after the other until one fails. */
  async run(chosen) {
    const results = []
    for (const { id, run } of chosen) {
      this.orders.currentTestId = id
      const start = performance.now()
      try {
        await this.bounded(id, run)
        results.push({ id, name: id, timeSpentMs: took(start), status: TestStatus.Success })
      } catch (error) {
        const failureMessage = String(error)
        results.push({
          id,
          name: id,
          timeSpentMs: took(start),
          status: TestStatus.Failed,
          failureMessage,
        })
        return { endless: isEndless(error), failed: id, results }
      } finally {
        this.orders.currentTestId = undefined
      }
    }
    return { endless: false, failed: undefined, results }
  }

  /** Runs a test within twenty times what it took at its best, and two seconds. */
  async bounded(id, run) {
    const best = this.best.get(id)
    const timeout = best === undefined ? 60_000 : Math.ceil(2_000 + best * 20)
    const start = performance.now()
    const attempt = async (timeout) => {
      globalThis.runTest = run
      await script.runInThisContext({ timeout })
    }
    try {
      await attempt(timeout)
    } catch (error) {
      if (!isEndless(error)) throw error
      await attempt(timeout * 2)
    }
    this.best.set(id, Math.min(best ?? Number.POSITIVE_INFINITY, performance.now() - start))
  }
}

/** V8 can stop a script, and with it whatever the script calls. */
const script = new Script('runTest()')
const isEndless = (error) => error?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
const took = (start) => Math.ceil(performance.now() - start)

createRunner.inject = tokens(commonTokens.injector)
function createRunner(injector) {
  return injector.provideValue('globalNamespace', '__stryker__').injectClass(Runner)
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'engine', createRunner)]
