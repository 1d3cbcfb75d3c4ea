import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { claims, claimsTable } from '../../../scripts/liveCheck/claims.ts';
import { helpText } from '../../../scripts/liveCheck/commandLine.ts';

test('the table of docs/status.md is that of the claims', () => {
  const page = readFileSync(join(__dirname, '../../../docs/status.md'), 'utf8');
  const section = page.split('## What could be different on a live hub')[1] ?? '';
  const table = section.split('\n').filter((line) => line.startsWith('|'));
  expect(table.join('\n')).toBe(claimsTable());
});

test('each claim has an id of its own, and the help names it', () => {
  expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
  for (const { id } of claims) expect(helpText).toContain(id);
});
