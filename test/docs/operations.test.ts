import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sizingMarkdown } from '../../cli/size/sizingTable.ts';
import { settingNames } from '../../shared/config/settingNames.ts';

const guide = readFileSync('docs/operations.md', 'utf8');

/** Constant log messages of the product. */
const messages = ['functions', 'shared'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(join(folder, file), 'utf8');
      return [...source.matchAll(/(?:\.(?:info|warn|error)|log\[level\])\(\s*'([^']+)'/g)].map(
        ([, message = '']) => message,
      );
    }),
);

describe('the operations guide', () => {
  test('quotes log messages as the code writes them', () => {
    const quoted = [...guide.matchAll(/\blogs? `([^`]+)`|Message startswith '([^']+)'/g)].map(([, inText, inQuery]) =>
      (inText ?? inQuery ?? '').replace(/\s+/g, ' '),
    );
    expect(quoted.length).toBeGreaterThan(10);
    expect(quoted.filter((message) => !messages.includes(message))).toEqual([]);
  });

  test('has an anchor for each alert of the template, and for no other', () => {
    const anchors = [...guide.matchAll(/<a id="(alert-[\w-]+)"><\/a>/g)].map(([, id]) => id);
    const alerts = ['alerts', 'deadLetterAlerts'].flatMap((file) => [
      ...readFileSync(`infra/watch/${file}.bicep`, 'utf8').matchAll(/operations\.md#(alert-[\w-]+)/g),
    ]);
    expect(anchors.sort()).toEqual([...new Set(alerts.map(([, id]) => id))].sort());
  });

  test('holds the sizing table that the figures of the running app give', () => {
    const table = /<!-- npm run keeper -- size -->\n\n([\s\S]*)\n<!-- end of npm run keeper -- size -->/.exec(
      guide,
    )?.[1];
    expect(table).toBe(sizingMarkdown());
  });

  test.each(['docs/operations.md', 'infra/README.md'])(
    'and infra/README.md have no line of prose over 130 characters: %s',
    (path) => {
      const prose = readFileSync(path, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
      const tooLong = prose.split('\n').filter((line) => line.length > 130 && !/^\||^\s*\[[^\]]*\]\(\S+\)$/.test(line));
      expect(tooLong).toEqual([]);
    },
  );

  test('names the event subscription as the template does where it says how to delete it, and warns of azd down', () => {
    expect(guide).toMatch(/az eventgrid system-topic event-subscription delete --name \$APP --system-topic-name/);
    const subscription = readFileSync('infra/hub/subscription.bicep', 'utf8');
    expect(subscription).toMatch(
      /systemTopics\/eventSubscriptions@\S+ = \{\n {2}parent: topic\n(?: {2}\/\/.*\n)? {2}name: functionAppName/,
    );
    expect(guide).toContain('**Not `azd down`**');
    expect(readFileSync('azure.yaml', 'utf8')).toContain('predown:');
  });

  test('says, as is true, that the bundle is not minified', () => {
    expect(readFileSync('scripts/bundle.ts', 'utf8')).not.toContain('minify');
    expect(guide.replace(/\s+/g, ' ')).toContain('Nothing in it is minified');
  });

  test('names only settings that exist', () => {
    const known: readonly string[] = settingNames;
    const named = [...guide.matchAll(/`((?:IOTHUB|HUB|SWEEP|SLICE|POLICY|MODULE|AzureWebJobsStorage)[A-Za-z_]*)`/g)];
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, name = '']) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('names problems of the API and kinds of refusal as the code does', () => {
    const openapi = readFileSync('docs/openapi.json', 'utf8');
    const problems = [...guide.matchAll(/`(hub-[\w-]+)`/g)]
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('hub-work')); // a queue
    expect(problems.length).toBeGreaterThan(3);
    expect(problems.filter((name) => !openapi.includes(name))).toEqual([]);
    const kinds = readFileSync('shared/hub/hubError.ts', 'utf8');
    for (const kind of ['unauthorized', 'forbidden', 'dailyQuota', 'identityCap', 'unavailable']) {
      expect([kind, guide.includes(`\`${kind}\``), kinds.includes(`'${kind}'`)]).toEqual([kind, true, true]);
    }
  });
});
