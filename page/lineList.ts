import { h } from './dom.ts';
import { plural } from './format.ts';

/** Lines put into the page at once: thousands of rows would stop the browser. */
const shownAtOnce = 100;

/** What a list is about. */
interface ListOf {
  heading: string;
  columns: readonly string[];
  /** Notes above the list, by outcome; each is shown if a line has that outcome. */
  notes?: Readonly<Record<string, string>>;
}

/** A list of lines as a table that grows on demand, with buttons that save it as CSV and close it. */
export function lineList(
  { heading, columns, notes = {} }: ListOf,
  lines: readonly Record<string, unknown>[],
  save: () => void,
): HTMLElement {
  const body = h('tbody');
  const more = h('button', { type: 'button' });
  const grow = () => {
    const next = lines.slice(body.childElementCount, body.childElementCount + shownAtOnce);
    body.append(
      ...next.map((line) =>
        h(
          'tr',
          {},
          columns.map((name) => h('td', {}, String(line[name] ?? ''))),
        ),
      ),
    );
    const left = lines.length - body.childElementCount;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, shownAtOnce)} more of ${left}`;
  };
  more.addEventListener('click', grow);
  grow();
  const csv = h('button', { type: 'button' }, 'Save as CSV');
  csv.addEventListener('click', save);
  const close = h('button', { type: 'button' }, 'Close the list');
  const box = h(
    'section',
    { class: 'list', 'aria-label': heading },
    h('h3', { tabindex: -1 }, heading),
    h('p', {}, lines.length === 0 ? 'The list is empty.' : `${plural(lines.length, 'line')}.`),
    Object.entries(notes)
      .filter(([outcome]) => lines.some((line) => line.outcome === outcome))
      .map(([, note]) => h('p', { class: 'notice' }, note)),
    lines.length === 0
      ? null
      : h(
          'div',
          { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Table: ${heading}` },
          h(
            'table',
            {},
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                columns.map((name) => h('th', { scope: 'col' }, name)),
              ),
            ),
            body,
          ),
        ),
    h('div', { class: 'tools' }, more, lines.length === 0 ? null : csv, close),
  );
  close.addEventListener('click', () => box.remove());
  return box;
}

/** Lets the browser save a text as a file. */
export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
