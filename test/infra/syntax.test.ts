import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BicepReader, bicepPaths, bicepReader, nodesIn } from './bicepFile.ts';
import { unknownNames } from './unknownNames.ts';

let read: BicepReader;
beforeAll(async () => {
  read = await bicepReader();
});

test('every template is found', () => {
  expect(bicepPaths).toEqual(
    expect.arrayContaining([
      ...['main.bicep', 'access.bicep', 'events.bicep', 'types.bicep', 'app/functionApp.bicep', 'hub/access.bicep'],
    ]),
  );
});

describe.each(bicepPaths)('%s', (path) => {
  test('is Bicep by its grammar', () => {
    expect(read(path).syntaxErrors).toEqual([]);
  });

  test('is found to be broken when a bracket, a quote or a colon of it is missing', () => {
    const { tree } = read(path);
    const { text } = tree;
    for (const mark of ['{', '}', "'", ':', ' = ']) {
      // In the text itself, not in a comment or a string, which may hold anything.
      const token = [...nodesIn(tree)].find(({ type, isNamed }) => !isNamed && type === mark.trim());
      if (!token) continue;
      const broken = text.slice(0, token.startIndex) + text.slice(token.endIndex);
      expect([mark, read(path, broken).syntaxErrors.length > 0]).toEqual([mark, true]);
    }
  });

  test('says nothing that it does not declare', () => {
    expect(unknownNames(read(path))).toEqual([]);
  });

  test('says what it is for', () => {
    expect(read(path).tree.text).toMatch(/^metadata description = '/);
  });
});

test('a name that is misspelt is found', () => {
  const { text } = read('app/storage.bicep').tree;
  expect(unknownNames(read('app/storage.bicep', text.replace('scope: account', 'scope: acount')))).toEqual(['acount']);
  expect(unknownNames(read('app/storage.bicep', text.replace('name: guid(', 'name: giud(')))).toEqual(['giud()']);
});
