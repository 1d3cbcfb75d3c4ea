import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareTemplates, parseRouteTemplate } from '../../../local/host/routeTemplate.ts';

const match = (template: string, path: string) => parseRouteTemplate(template).match(path);

describe('a route template', () => {
  test('matches literals in any case and ignores a slash at the end', () => {
    expect(match('api/sweeps', '/API/Sweeps/')).toEqual({});
    expect(match('api/sweeps', '/api/sweep')).toBeUndefined();
    expect(match('api/sweeps', '/api/sweeps/x')).toBeUndefined();
    expect(match('api/sweeps', '/api')).toBeUndefined();
  });

  test('gives parameters decoded exactly once', () => {
    expect(match('hubs/{hub}/devices/{deviceId}/modules', '/hubs/contoso/devices/50%25_%23%253F/modules')).toEqual({
      hub: 'contoso',
      deviceId: '50%_#%3F',
    });
  });

  test('leaves an encoded slash and broken encodings as they are', () => {
    expect(match('{id}', '/a%2Fb%2fc')).toEqual({ id: 'a%2Fb%2fc' });
    expect(match('{id}', '/50%')).toEqual({ id: '50%' });
    expect(match('{id}', '/%ff')).toEqual({ id: '%ff' });
  });

  test('gives back every text that was encoded for a path', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((id) => !id.includes('/') && id.isWellFormed());
    fc.assert(
      fc.property(text, (id) => {
        expect(match('devices/{id}', `/devices/${encodeURIComponent(id)}`)).toEqual({ id });
      }),
    );
  });

  test('needs a value for a parameter, unless it is optional', () => {
    expect(match('a/{id}', '/a')).toBeUndefined();
    expect(match('a/{id}/b', '/a//b')).toBeUndefined();
    expect(match('a/{id?}', '/a')).toEqual({});
    expect(match('a/{id?}', '/a/1')).toEqual({ id: '1' });
  });

  test('obeys constraints and takes the rest of a path', () => {
    expect(match('a/{id:int}', '/a/12')).toEqual({ id: '12' });
    expect(match('a/{id:int}', '/a/x')).toBeUndefined();
    expect(match('a/{id:guid?}', '/a')).toEqual({});
    expect(match('a/{*rest}', '/a/b/c%20d')).toEqual({ rest: 'b/c d' });
    expect(match('a/{*rest}', '/a')).toEqual({});
  });

  test.each(['a/{id', 'a/x{id}', '{a?}/b', '{*a}/b', 'a/{id:regex(x)}', 'a/{id:min(3)}', 'a/{id:even}', 'a/{id=5}'])(
    'refuses %s with a sentence that names it',
    (template) => expect(() => parseRouteTemplate(template)).toThrow(`Route "${template}" is not supported here`),
  );

  test('puts literals before constrained parameters, before others, before the rest of a path', () => {
    const templates = ['a/{*rest}', 'a/{id}', '{x}/b', 'a/{id:int}', 'a/b'];
    const inOrder = templates.toSorted((one, other) =>
      compareTemplates(parseRouteTemplate(one), parseRouteTemplate(other)),
    );
    expect(inOrder).toEqual(['a/b', 'a/{id:int}', 'a/{id}', 'a/{*rest}', '{x}/b']);
  });
});
