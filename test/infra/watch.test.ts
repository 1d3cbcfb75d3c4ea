import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BicepReader, bicepReader, infra, root } from './bicepFile.ts';
import { type Expression, plainValue } from './bicepValue.ts';
import { metricAttributes } from './contract.ts';
import { kqlReader } from './kql.ts';

interface Alert {
  name: string;
  severity: number;
  title: string;
  description: string;
  query: Expression;
  within: string;
  every: string;
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

/** Every query, with what Azure would find in place of the gaps. */
const queries: Record<string, string> = {
  ...Object.fromEntries(queryFiles.map((file) => [file, filled(read(`watch/queries/${file}`))])),
  ...Object.fromEntries(panels.map(({ name, content }) => [`workbook: ${name}`, filled(content.query ?? '')])),
};

function filled(query: string): string {
  return query
    .replace('{sweptHubs}', '["contoso"]')
    .replace('{failureSharePercent}', '5')
    .replaceAll('{TimeRange:grain}', '5m');
}

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
let readBicep: BicepReader;
let alerts: Alert[];
beforeAll(async () => {
  readQuery = kqlReader();
  readBicep = await bicepReader();
  const list = readBicep('watch/alerts.bicep').find('var', 'alerts').value;
  alerts = list ? (plainValue(list) as unknown as Alert[]) : [];
});

describe.each(Object.keys(queries))('the query %s', (name) => {
  const query = queries[name] ?? '';

  test('is good KQL on tables and columns that there are', () => {
    expect(readQuery(query).mistakes).toEqual([]);
    expect(query).not.toMatch(/\{\w/);
  });

  test('asks for metrics, attributes and messages that the code writes', () => {
    const metrics = metricsIn(query);
    expect(metrics.filter((metric) => !(metric in metricAttributes))).toEqual([]);
    const allowed = new Set(['hub', ...metrics.flatMap((metric) => metricAttributes[metric] ?? [])]);
    expect(attributesIn(query).filter((attribute) => !allowed.has(attribute))).toEqual([]);
    const said = [...query.matchAll(/Message startswith '([^']+)'/g)].map(([, message = '']) => message);
    expect(said.filter((message) => !messages.includes(message))).toEqual([]);
    expect(metrics.length + said.length > 0 || query.includes('SeverityLevel')).toBe(true);
  });
});

test('a query with a wrong column, metric or word is found', () => {
  expect(readQuery("AppMetrics | where Nome == 'x'").mistakes).toHaveLength(1);
  expect(readQuery("AppMetric | where Name == 'x'").mistakes).not.toEqual([]);
  expect(readQuery('AppMetrics | summarise count()').mistakes).not.toEqual([]);
  expect(readQuery('AppMetrics | summarize first = min(TimeGenerated)').mistakes).toHaveLength(1);
});

describe('the alerts', () => {
  test('are those that were asked for', () => {
    expect(alerts.map(({ name }) => name)).toEqual([
      ...['no-finished-sweep', 'poison-message', 'poison-queue', 'out-of-service', 'unknown-hub'],
      ...['failure-share', 'hub-blocked', 'coverage'],
    ]);
  });

  test('say what is the matter, and where its remedy stands', () => {
    for (const { name, severity, title, description } of alerts) {
      expect(title.length).toBeGreaterThan(20);
      expect(description).toContain(`docs/operations.md#alert-${name}`);
      expect(severity).toBeGreaterThanOrEqual(1);
      expect(severity).toBeLessThanOrEqual(2);
    }
    const deadLetters = readBicep('watch/deadLetterAlerts.bicep').tree.text;
    expect(deadLetters.match(/docs\/operations\.md#alert-dead-letters/g)).toHaveLength(2);
  });

  test('each read one query file, fill its gaps, and no file is left over', () => {
    const used = alerts.map(({ query: { text } }) => {
      const file = /loadTextContent\('queries\/(\w+\.kql)'\)/.exec(text)?.[1] ?? '';
      const gaps = [...read(`watch/queries/${file}`).matchAll(/\{(\w+)\}/g)].map(([gap]) => gap);
      expect([file, gaps.filter((gap) => !text.includes(`'${gap}'`))]).toEqual([file, []]);
      return file;
    });
    expect(used.sort()).toEqual([...queryFiles].sort());
  });

  test('answer a row for a hub, which is what the rules split by', () => {
    for (const file of queryFiles) {
      expect(readQuery(queries[file] ?? '').columns).toEqual({ TimeGenerated: 'datetime', hub: 'string' });
    }
    expect(readBicep('watch/alerts.bicep').tree.text).toContain("dimensions: [{ name: 'hub',");
  });

  test('look back no further than a rule may, and as far as their queries do', () => {
    const hours: Record<string, number> = { PT15M: 0.25, PT1H: 1, P1D: 24, P2D: 48 };
    for (const { name, query, within, every } of alerts) {
      const file = /queries\/(\w+\.kql)/.exec(query.text)?.[1] ?? '';
      const tablesRead = read(`watch/queries/${file}`)
        .split(/(?=\bApp(?:Metrics|Traces)\b)/)
        .slice(1);
      // Where the rule looks back further than an hour, each table says how far: two days are more than any alert is about.
      const unbounded = within === 'PT1H' ? [] : tablesRead.filter((text) => !/TimeGenerated > ago\(\d+h\)/.test(text));
      expect([name, unbounded]).toEqual([name, []]);
      const asked = [...read(`watch/queries/${file}`).matchAll(/ago\((\d+)h\)/g)].map(([, count]) => Number(count));
      expect([name, hours[within] !== undefined && hours[every] !== undefined]).toEqual([name, true]);
      expect([name, (hours[within] ?? 0) >= Math.max(0, ...asked)]).toEqual([name, true]);
    }
  });
});

describe('the query of the alert', () => {
  const steps = (file: string) =>
    read(`watch/queries/${file}`)
      .split(/[|;]/)
      .map((step) => step.trim());

  test('hub-blocked remembers a refusal until the next sweep: the gauge is told only where there is work', () => {
    const [said = '', waiting = ''] = read('watch/queries/hubBlocked.kql').split('let waiting');
    expect(said).toContain('ago(26h)');
    expect(said).toContain('summarize arg_max(TimeGenerated, Max) by hub');
    expect(waiting).toContain('ago(1h)');
    expect(alerts.find(({ name }) => name === 'hub-blocked')?.within).toBe('P2D');
  });

  test('failure-share counts only modules that should be there, before it adds them up', () => {
    const found = steps('failureShare.kql');
    const left = found.indexOf("where outcome !in ('excluded', 'gone')");
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(found.findIndex((step) => step.startsWith('summarize')));
  });

  test('poison-queue asks for the last look alone, so that it ends when the queue is cleared', () => {
    const found = steps('poisonQueue.kql');
    const last = found.indexOf('summarize arg_max(TimeGenerated, Max)');
    expect(found[last + 1]).toBe('where Max > 0');
  });

  test('out-of-service looks at three rounds of the watch, so that it ends soon after the settings are right', () => {
    const query = read('watch/queries/outOfService.kql');
    expect(query.match(/TimeGenerated > ago\(15m\)/g)).toHaveLength(2);
  });

  test('no-finished-sweep names no hub where every hub is paused', () => {
    const found = steps('noFinishedSweep.kql');
    const expanded = found.indexOf('mv-expand hub to typeof(string)');
    expect(found[expanded + 1]).toBe('where isnotempty(hub)');
    expect(readQuery(read('watch/queries/noFinishedSweep.kql').replace('{sweptHubs}', '[]')).mistakes).toEqual([]);
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

  test('has a title and the chosen time for each panel, and no two of one name', () => {
    for (const { name, content } of panels) {
      expect([name, content.title !== '' && content.timeContextFromParameter]).toEqual([name, 'TimeRange']);
    }
    const names = workbook.items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
