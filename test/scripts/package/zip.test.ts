import { expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { zipOf } from '../../../scripts/package/zip.ts';

const files: [string, Uint8Array][] = [
  ['b/two.txt', Buffer.from('two')],
  ['one.txt', Buffer.from('one')],
];

test('a zip depends only on paths and contents', () => {
  const zip = zipOf(new Map(files));
  expect(Buffer.compare(zip, zipOf(new Map(files.toReversed())))).toBe(0);
  expect(Buffer.compare(zip, zipOf(new Map([...files, ['one.txt', Buffer.from('other')]])))).not.toBe(0);
});

test('a zip holds its files in the order of their paths, readable on Linux', () => {
  const zip = Buffer.from(zipOf(new Map(files)));
  const entries = Object.entries(unzipSync(zip)).map(([path, content]) => [path, Buffer.from(content).toString()]);
  expect(entries).toEqual([
    ['b/two.txt', 'two'],
    ['one.txt', 'one'],
  ]);
  // Of the central directory: made on Unix (3), last modified on 1980-01-01 at 0:00, mode 0644 of a plain file.
  const header = zip.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
  expect(zip.readUInt8(header + 5)).toBe(3);
  expect([zip.readUInt16LE(header + 12), zip.readUInt16LE(header + 14)]).toEqual([0, 0b0000000_0001_00001]);
  expect(zip.readUInt32LE(header + 38) >>> 16).toBe(0o100644);
});
