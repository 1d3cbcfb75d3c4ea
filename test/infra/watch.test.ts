import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { metricAttributes } from './contract.ts';
import { infra, predicted, root } from './evaluated.ts';
import { kqlReader } from './kql.ts';

/** A rule as it is deployed. */
interface Rule {
  name: string;
  properties: {
    displayName: string;
    description: string;
    severity: number;
    windowSize: string;
    evaluationFrequency: string;
    criteria: { allOf: { query: string; dimensions: { name: string }[] }[] };
  };
}

interface WorkbookItem {
  type: number;
  name: string;
  content: { title?: string; query?: string; timeContextFromParameter?: string };
}

const read = (path: string) => readFileSync(join(infra, path), 'utf8');
const queryFiles = readdirSync(join(infra, 'watch/queries'));
const workbook = JSON.parse(read('watch/workbook.json')) as { items: WorkbookItem[] };
const panels = workbook.items.filter(({ type }) => type === 3);

/** The rules of a deployment, with the queries that Azure would run. */
const rules = (predicted('oneHub', 'main') as unknown as (Rule & { type: string })[])
  .filter(({ type }) => type === 'Microsoft.Insights/scheduledQueryRules')
  .map(({ name, properties }) => ({ ...properties, name: name.replace(/^keeper-\w+-/, '') }));
const queryOf = (name: string) => rules.find((rule) => rule.name === name)?.criteria.allOf[0]?.query ?? '';

/** Every query, with what Azure would find in place of the gaps. */
const queries: Record<string, string> = {
  ...Object.fromEntries(rules.map(({ name }) => [name, queryOf(name)])),
  ...Object.fromEntries(
    panels.map(({ name, content }) => [
      `workbook: ${name}`,
      (content.query ?? '').replaceAll('{TimeRange:grain}', '5m'),
    ]),
  ),
};

/** Constant log messages of the product. */
const messages = ['functions', 'shared'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(join(root, folder, file), 'utf8');
      return [...source.matchAll(/\.(?:info|warn|error)\(\s*'([^']+)'/g)].map(([, message]) => message);
    }),
);

const metricsIn = (query: string) => [...query.matchAll(/'(keeper\.\w+)'/g)].map(([, name = '']) => name);
const attributesIn = (query: string) => [...query.matchAll(/Properties\.(\w+)/g)].map(([, name = '']) => name);

let readQuery: ReturnType<typeof kqlReader>;
beforeAll(() => {
  readQuery = kqlReader();
});

describe.each(Object.keys(queries))('the query %s', (name) => {
  const query = queries[name] ?? '';

  test('is valid KQL on existing tables and columns', () => {
    expect(readQuery(query).mistakes).toEqual([]);
    expect(query).not.toMatch(/\{\w/);
  });

  test('uses only metrics, attributes and messages that the code writes', () => {
    const metrics = metricsIn(query);
    expect(metrics.filter((metric) => !(metric in metricAttributes))).toEqual([]);
    const allowed = new Set(['hub', ...metrics.flatMap((metric) => metricAttributes[metric] ?? [])]);
    expect(attributesIn(query).filter((attribute) => !allowed.has(attribute))).toEqual([]);
    const said = [...query.matchAll(/Message startswith '([^']+)'/g)].map(([, message = '']) => message);
    expect(said.filter((message) => !messages.includes(message))).toEqual([]);
    const asksAll = query.includes("Name startswith 'keeper.'") || query.includes('SeverityLevel');
    expect(metrics.length + said.length > 0 || asksAll).toBe(true);
  });
});

test('the check finds a query with a wrong column, metric or message', () => {
  expect(readQuery("AppMetrics | where Nome == 'x'").mistakes).toHaveLength(1);
  expect(readQuery("AppMetric | where Name == 'x'").mistakes).not.toEqual([]);
  expect(readQuery('AppMetrics | summarise count()').mistakes).not.toEqual([]);
  expect(readQuery('AppMetrics | summarize first = min(TimeGenerated)').mistakes).toHaveLength(1);
});

/** Why Azure's log alerts would refuse a query, or answer it differently (Microsoft, "Create a log search alert rule"). */
function unfitForAlerts(query: string): string[] {
  const code = query.replace(/\/\/.*$/gm, '').trim();
  const words = ['union', 'search', 'print', 'datatable'].filter((word) => new RegExp(`\\b${word}\\b`).test(code));
  return [...words, ...(/^App(Metrics|Traces)\b/.test(code) ? [] : ['no table first'])];
}

describe('the alerts', () => {
  test('the template has exactly these alerts', () => {
    expect(rules.map(({ name }) => name)).toEqual([
      ...[
        'no-finished-sweep',
        'nothing-arrives',
        'selects-nothing',
        'poison-message',
        'poison-queue',
        'out-of-service',
      ],
      ...['unknown-hub', 'failure-share', 'hub-blocked', 'coverage'],
    ]);
  });

  test('each alert says what is wrong, and which section of the guide says what to do', () => {
    for (const { name, severity, displayName, description } of rules) {
      expect(displayName.length).toBeGreaterThan(20);
      expect(description).toContain(`docs/operations.md#alert-${name}`);
      expect(severity).toBeGreaterThanOrEqual(1);
      expect(severity).toBeLessThanOrEqual(2);
    }
    for (const { properties } of predicted('oneHub', 'deadLetters')) {
      expect(properties.description).toMatch(/docs\/operations\.md#alert-dead-letters$/);
    }
  });

  test('the alerts use every query file, and every placeholder is filled in', () => {
    const first = (query: string) => query.split('\n')[0];
    const used = queryFiles.filter((file) =>
      rules.some(({ name }) => first(queryOf(name)) === first(read(`watch/queries/${file}`))),
    );
    expect(used).toEqual(queryFiles);
    expect(used).toHaveLength(rules.length);
  });

  test.each(rules.map(({ name }) => name))('Azure accepts the query of %s in a log alert', (name) => {
    expect(unfitForAlerts(queryOf(name))).toEqual([]);
  });

  test('the check finds a query that Azure does not accept in a log alert', () => {
    expect(unfitForAlerts('let a = AppTraces;\nunion a, AppMetrics')).toEqual(['union', 'no table first']);
    expect(unfitForAlerts('print hub = 1 | join kind=leftanti (AppMetrics) on hub')).toEqual([
      'print',
      'no table first',
    ]);
    expect(unfitForAlerts('// union\nAppMetrics | count')).toEqual([]);
  });

  test('each query returns one row for each hub, because the rules split by hub', () => {
    for (const { name, criteria } of rules) {
      expect(readQuery(queryOf(name)).columns).toEqual({ TimeGenerated: 'datetime', hub: 'string' });
      expect(criteria.allOf[0]?.dimensions).toMatchObject([{ name: 'hub' }]);
    }
  });

  test('each rule looks back as far as its query, and not further than Azure allows', () => {
    const hours: Record<string, number> = { PT15M: 0.25, PT1H: 1, P1D: 24, P2D: 48 };
    for (const { name, windowSize, evaluationFrequency } of rules) {
      const [within, every] = [hours[windowSize] ?? Number.NaN, hours[evaluationFrequency] ?? Number.NaN];
      const asked = [...queryOf(name).matchAll(/ago\((\d+)([hm])\)/g)].map(([, count, unit]) =>
        unit === 'h' ? Number(count) : Number(count) / 60,
      );
      // Where the rule looks back further than an hour, its query says how far: two days are more than any alert is about.
      expect([name, within === 1 || asked.length > 0]).toEqual([name, true]);
      expect([name, within >= Math.max(every, ...asked)]).toEqual([name, true]);
    }
  });
});

describe('the query of the alert', () => {
  const steps = (name: string) =>
    queryOf(name)
      .split(/[|;]/)
      .map((step) => step.trim());

  test('no-finished-sweep uses the largest age that the watch recorded, and not a single message about the end of a sweep', () => {
    expect(steps('no-finished-sweep')).toEqual(
      expect.arrayContaining([
        "where Name == 'keeper.sweep_age_seconds'",
        'summarize age = max(Max) by hub = tostring(Properties.hub)',
        'where age > 26 * 3600',
      ]),
    );
    expect(queryOf('no-finished-sweep')).not.toContain('keeper.run_seconds');
  });

  test.each(['hub-blocked', 'selects-nothing'])('%s looks at the last level of each hub', (name) => {
    const found = steps(name);
    const last = found.indexOf('summarize arg_max(TimeGenerated, Max) by hub = tostring(Properties.hub)');
    expect(found[last + 1]).toBe('where Max > 0');
  });

  test('nothing-arrives returns one row if there is no data, two hours after a deployment', () => {
    const found = steps('nothing-arrives');
    expect(found).toContain('summarize arrived = count()'); // without `by`, a count of nothing is one row with 0
    expect(found).toContain('where arrived == 0 and now() > datetime(2026-11-29T00:00:00Z) + 2h');
    expect(found).toContain("where Name startswith 'keeper.'");
  });

  test('failure-share counts only modules that should be there, before it adds them up', () => {
    const found = steps('failure-share');
    const left = found.indexOf("where outcome !in ('excluded', 'gone')");
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(found.findIndex((step) => step.startsWith('summarize')));
  });

  test('poison-queue uses only the last count, so that the alert ends when the queue is cleared', () => {
    const found = steps('poison-queue');
    const last = found.indexOf('summarize arg_max(TimeGenerated, Max)');
    expect(found[last + 1]).toBe('where Max > 0');
  });

  test('out-of-service uses three rounds of the watch, so that the alert ends soon after the settings are corrected', () => {
    expect(queryOf('out-of-service').match(/TimeGenerated > ago\(15m\)/g)).toHaveLength(1);
  });
});

describe('the workbook', () => {
  test('shows coverage, runs, failures by cause, throttled time and the delay of events', () => {
    const shown = panels.flatMap(({ content }) => metricsIn(content.query ?? ''));
    for (const metric of [
      'keeper.coverage',
      'keeper.run_seconds',
      'keeper.throttled_seconds',
      'keeper.event_to_module_seconds',
    ]) {
      expect(shown).toContain(metric);
    }
    const failures = panels.find(({ name }) => name === 'failures')?.content.query;
    expect(failures).toContain('Properties.reason');
  });

  test('each panel has its own title and name, and uses the chosen time', () => {
    for (const { name, content } of panels) {
      expect([name, content.title !== '' && content.timeContextFromParameter]).toEqual([name, 'TimeRange']);
    }
    const names = workbook.items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
