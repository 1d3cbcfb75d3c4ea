import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sourceTime } from '../../../scripts/package/sourceTime.ts';

test('SOURCE_DATE_EPOCH says when the sources were made', async () => {
  expect(await sourceTime({ SOURCE_DATE_EPOCH: '1795910400' })).toEqual(new Date('2026-11-29T00:00:00Z'));
  await expect(sourceTime({ SOURCE_DATE_EPOCH: 'yesterday' })).rejects.toThrow(/SOURCE_DATE_EPOCH must be a number/);
});

test('sources that are no clone have no time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'module-keeper-sources-'));
  try {
    expect(await sourceTime({}, folder)).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true });
  }
});
