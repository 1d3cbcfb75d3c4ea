import type { HubStatus } from '../shared/api/statusSchemas.ts';
import { h, svg } from './dom.ts';
import { reasons, sum, whole } from './format.ts';

interface Part {
  name: 'with' | 'missing' | 'blocked' | 'excluded' | 'pending';
  label: string;
  count: number;
  more?: string;
}

function partsOf({ coverage, pending }: HubStatus): Part[] {
  if (!coverage) return [];
  const { withModule, missing, blocked, excluded } = coverage.counts;
  return [
    { name: 'with', label: 'with module', count: withModule },
    { name: 'missing', label: 'missing', count: missing },
    { name: 'blocked', label: 'blocked', count: sum(blocked), more: reasons(blocked) },
    { name: 'excluded', label: 'excluded', count: sum(excluded), more: reasons(excluded) },
    { name: 'pending', label: 'pending now, about', count: pending ?? 0 },
  ];
}

const minShare = 0.008;

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** A bar of the parts of a hub's devices; its numbers stand in the legend. */
export function coverageBar(hub: HubStatus): SVGElement | HTMLElement {
  const parts = partsOf(hub).filter(({ count }) => count > 0);
  const total = sumOf(parts.map(({ count }) => count));
  if (total === 0) return h('span', { class: 'noBar' });
  // A part that is not zero is always visible, even if it is very small; the others then take less, or it would be cut off.
  const shares = parts.map(({ count }) => Math.max(count / total, minShare));
  const sharesInAll = sumOf(shares);
  let at = 0;
  const bars = parts.map(({ name }, index) => {
    const width = ((shares[index] ?? 0) / sharesInAll) * 100;
    const bar = svg('rect', { class: `part-${name}`, x: `${at}%`, y: 0, width: `${width}%`, height: '100%' });
    at += width;
    return bar;
  });
  const label = parts.map(({ label, count }) => `${label} ${whole(count)}`).join(', ');
  return svg('svg', { class: 'coverage', role: 'img', 'aria-label': `Coverage: ${label}` }, bars);
}

/** The numbers of the bar as text. */
export function coverageLegend(hub: HubStatus): HTMLElement {
  const items = partsOf(hub).map(({ name, label, count, more }) =>
    h(
      'li',
      {},
      h('span', { class: `swatch part-${name}`, 'aria-hidden': 'true' }),
      `${label} `,
      h('b', {}, whole(count)),
      more ? h('span', { class: 'muted' }, ` (${more})`) : null,
    ),
  );
  return h('ul', { class: 'legend' }, items);
}
