/** Report: the figures as Markdown and as one SVG plot. */
import type { RecordedRates } from './recorded.js'
import type { Verdict } from './truth.js'

const pct = (share: number): string => `${(share * 100).toFixed(1)} %`

export function markdown(report: {
  seeds: number
  probes: number
  shown: Verdict
  traceless: Verdict
  recorded: readonly RecordedRates[]
}): string {
  const { shown, traceless, recorded } = report
  const row = (name: string, of: (verdict: Verdict) => string) =>
    `| ${name} | ${of(shown)} | ${of(traceless)} |`
  const models = Object.keys(shown.brier) as (keyof Verdict['brier'])[]
  return `# Fidelity of the simulator

An exchange with known queues is the truth; the models see its public L2 feed only. ${report.seeds} seeds,
${report.probes} probes each. In the crowd "shown" every order leaves a trace in the feed, which is what the
bounds promise to cover. The crowd "traceless" also sends IOC, FOK and post-only orders, whose
remainders and refusals no feed shows: outside that promise, measured all the same.

| | shown | traceless |
| --- | --- | --- |
${row('probes', ({ probes }) => String(probes))}
${row('true fill inside the bounds', ({ inside, probes }) => `${inside} (${pct(inside / probes)})`)}
${row('resting probes whose bounds are one number', ({ sharp, resting }) => pct(sharp / resting))}
${row('probes `worst` filled more of than the truth', ({ optimistic }) => String(optimistic.worst))}
${row('probes `realistic` filled more of than the truth', ({ optimistic }) => String(optimistic.realistic))}
${row('probes touch-fill filled more of than the truth', ({ optimistic }) => String(optimistic['touch-fill']))}
${row('resting probes truly filled whole', ({ rate }) => pct(rate.truth))}

Brier score of "filled whole within the horizon" (0 is perfect), resting probes:

| model | shown | traceless |
| --- | --- | --- |
${models.map((model) => row(model, ({ brier }) => brier[model].toFixed(4))).join('\n')}

## Recorded captures

Orders of ten lots joined both touches; share of their quantity that filled within the horizon.

| capture | orders | horizon | off | realistic | worst | touch-fill |
| --- | --- | --- | --- | --- | --- | --- |
${recorded
  .map(
    ({ name, orders, horizon_s, rate }) =>
      `| ${name} | ${orders} | ${horizon_s} s | ${pct(rate.off)} | ${pct(rate.realistic)} | ${pct(rate.worst)} | ${pct(rate['touch-fill'])} |`,
  )
  .join('\n')}
`
}

/** Brier scores as bars; shorter is better. */
export function plot(verdict: Verdict): string {
  const bars = Object.entries(verdict.brier).sort(([, a], [, b]) => a - b)
  const most = Math.max(...bars.map(([, score]) => score), 0.01)
  const rows = bars.map(([model, score], index) => {
    const y = 40 + index * 28
    const width = Math.round((score / most) * 360)
    return `<text x="130" y="${y + 15}" text-anchor="end">${model}</text><rect x="140" y="${y}" width="${width}" height="20" fill="#4a7"/><text x="${146 + width}" y="${y + 15}">${score.toFixed(4)}</text>`
  })
  const height = 52 + bars.length * 28
  return `<svg xmlns="http://www.w3.org/2000/svg" width="580" height="${height}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/><text x="10" y="22" font-weight="bold">Brier score of "filled whole within the horizon" (shorter is better)</text>${rows.join('')}</svg>
`
}
