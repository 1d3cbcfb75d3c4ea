import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareTemplates, parseRouteTemplate } from '../../../local/host/routeTemplate.ts';

const match = (template: string, path: string) => parseRouteTemplate(template).match(path);

describe('a route template', () => {
  test('a route matches literals in any case and ignores a trailing slash', () => {
    expect(match('api/sweeps', '/API/Sweeps/')).toEqual({});
    expect(match('api/sweeps', '/api/sweep')).toBeUndefined();
    expect(match('api/sweeps', '/api/sweeps/x')).toBeUndefined();
    expect(match('api/sweeps', '/api')).toBeUndefined();
  });

  test('a route decodes parameters exactly once', () => {
    expect(match('hubs/{hub}/devices/{deviceId}/modules', '/hubs/contoso/devices/50%25_%23%253F/modules')).toEqual({
      hub: 'contoso',
      deviceId: '50%_#%3F',
    });
  });

  test('a route does not decode slashes and invalid encodings', () => {
    expect(match('{id}', '/a%2Fb%2fc')).toEqual({ id: 'a%2Fb%2fc' });
    expect(match('{id}', '/50%')).toEqual({ id: '50%' });
    expect(match('{id}', '/%ff')).toEqual({ id: '%ff' });
  });

  test('a route returns every text that was encoded for a path', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((id) => !id.includes('/') && id.isWellFormed());
    fc.assert(
      fc.property(text, (id) => {
        expect(match('devices/{id}', `/devices/${encodeURIComponent(id)}`)).toEqual({ id });
      }),
    );
  });

  test('a route requires a value for a parameter, unless it is optional', () => {
    expect(match('a/{id}', '/a')).toBeUndefined();
    expect(match('a/{id}/b', '/a//b')).toBeUndefined();
    expect(match('a/{id?}', '/a')).toEqual({});
    expect(match('a/{id?}', '/a/1')).toEqual({ id: '1' });
  });

  test('a route supports constraints and a catch-all parameter', () => {
    expect(match('a/{id:int}', '/a/12')).toEqual({ id: '12' });
    expect(match('a/{id:int}', '/a/x')).toBeUndefined();
    expect(match('a/{id:guid?}', '/a')).toEqual({});
    expect(match('a/{*rest}', '/a/b/c%20d')).toEqual({ rest: 'b/c d' });
    expect(match('a/{*rest}', '/a')).toEqual({});
  });

  test.each(['a/{id', 'a/x{id}', '{a?}/b', '{*a}/b', 'a/{id:regex(x)}', 'a/{id:min(3)}', 'a/{id:even}', 'a/{id=5}'])(
    'an unsupported route is refused with its text: %s',
    (template) => expect(() => parseRouteTemplate(template)).toThrow(`Route "${template}" is not supported here`),
  );

  test('routes are sorted: literals, constrained parameters, other parameters, catch-all', () => {
    const templates = ['a/{*rest}', 'a/{id}', '{x}/b', 'a/{id:int}', 'a/b'];
    const inOrder = templates.toSorted((one, other) =>
      compareTemplates(parseRouteTemplate(one), parseRouteTemplate(other)),
    );
    expect(inOrder).toEqual(['a/b', 'a/{id:int}', 'a/{id}', 'a/{*rest}', '{x}/b']);
  });
});
