import { type Figure, reached } from './benchmark.ts';

/** Returns a figure as a line of text: value, goal, peer. */
export function figureLine(figure: Figure): string {
  const { what, value, unit, goal, peer } = figure;
  const parts = [`${what}: ${rounded(value)} ${unit}`];
  if (goal) {
    const limit = 'atMost' in goal ? `at most ${rounded(goal.atMost)}` : `at least ${rounded(goal.atLeast)}`;
    parts.push(`goal ${limit} (${reached(figure) ? 'reached' : 'MISSED'})`);
  }
  if (peer) parts.push(`${peer.what}: ${rounded(peer.value)} ${unit}`);
  return `  ${parts.join('; ')}`;
}

/** Three significant digits below 100, whole numbers above. */
const rounded = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
