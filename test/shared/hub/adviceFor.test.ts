import { describe, expect, test } from '@jest/globals';
import { adviceFor, hubRoles } from '../../../shared/hub/adviceFor.ts';
import { azureRegistry } from '../../../shared/hub/azureRegistry.ts';
import type { HubError, HubErrorKind } from '../../../shared/hub/hubError.ts';
import { type Right, rightOf } from '../../../shared/hub/operations.ts';
import type { Registry } from '../../../shared/hub/registry.ts';
import { hubConfig } from './hubConfig.ts';

const creation = { deviceId: 'a', moduleId: 'm', authentication: 'sas' as const };
const calls: Record<string, [call: (registry: Registry) => Promise<unknown>, right: Right]> = {
  getDevice: [(registry) => registry.getDevice('a'), 'read'],
  hasModule: [(registry) => registry.hasModule({ deviceId: 'a', moduleId: 'm' }), 'read'],
  createModule: [(registry) => registry.createModule(creation), 'registryWrite'],
  'createModule with a twin': [
    (registry) => registry.createModule({ ...creation, twin: { tags: { a: 1 } } }),
    'registryWrite',
  ],
  createModules: [(registry) => registry.createModules([creation]), 'registryWrite'],
  listDevices: [(registry) => registry.listDevices({ withTags: false, maxRows: 1 }), 'read'],
  findModules: [(registry) => registry.findModules({ text: 'SELECT 1' }), 'read'],
  countDevices: [(registry) => registry.countDevices(), 'read'],
  readModuleTwin: [(registry) => registry.readModuleTwin(creation), 'read'],
  readModule: [(registry) => registry.readModule(creation), 'read'],
  writeModuleTwin: [(registry) => registry.writeModuleTwin(creation, { tags: { a: 1 } }, 'e'), 'twinWrite'],
  removeModule: [(registry) => registry.removeModule(creation, 'e'), 'registryWrite'],
  countModules: [(registry) => registry.countModules(), 'read'],
};

describe('the advice about a hub that refuses the app', () => {
  test.each(Object.entries(calls))('knows the right that %s needs', async (_name, [call, right]) => {
    const refused = Object.assign(new Error('no'), { name: 'CredentialUnavailableError' });
    const registry = azureRegistry(hubConfig({ auth: { kind: 'entra' } }), () => Promise.reject(refused));
    const error = (await call(registry).catch((thrown: unknown) => thrown)) as HubError;
    expect(error).toMatchObject({ name: 'HubError', code: 'NoToken' });
    expect(rightOf(error)).toBe(right);
  });

  test('under managed identity names the role that the call needs', () => {
    const advice = (operation: string) =>
      adviceFor({ kind: 'unauthorized', operation, code: 'IotHubUnauthorized' }, { kind: 'entra' });
    expect(advice('list devices')).toContain(`This call needs the role "${hubRoles.read}" on this hub`);
    expect(advice('create modules in bulk')).toContain(
      `This call needs the role "${hubRoles.registryWrite}" on this hub`,
    );
    expect(advice('create modules in bulk')).toContain('IoT Hub Twin Contributor');
    expect(advice('list devices')).not.toContain('IoT Hub Twin Contributor');
  });

  test('under a SAS key names the right that the call needs, and no role', () => {
    const advice = (operation: string) =>
      adviceFor({ kind: 'unauthorized', operation, code: undefined }, { kind: 'sas' });
    expect(advice('create module')).toContain('shared access policy with RegistryWrite.');
    expect(advice('find modules')).toContain('shared access policy with RegistryRead and ServiceConnect.');
    expect(advice('find modules')).not.toContain('role');
  });

  test('without a token names the identity, and no role', () => {
    const advice = adviceFor({ kind: 'unauthorized', operation: 'create module', code: 'NoToken' }, { kind: 'entra' });
    expect(advice).toContain('AZURE_CLIENT_ID');
    expect(advice).not.toContain('role');
  });

  test.each(['sas', 'entra'] as const)(
    'the advice about a 401 under %s also names the clock and the network of the hub',
    (kind) => {
      const advice = (refusal: HubErrorKind) =>
        adviceFor({ kind: refusal, operation: 'list devices', code: undefined }, { kind });
      expect(advice('unauthorized')).toMatch(/clock.*public access, IP filter/);
      expect(advice('forbidden')).not.toContain('clock');
    },
  );
});

describe('the advice about a hub that does not respond', () => {
  test.each([
    ['ENOTFOUND', 'host name has no address'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'host name'],
    ['CERT_HAS_EXPIRED', 'clock'],
    ['CERT_NOT_YET_VALID', 'clock'],
    ['EPROTO', 'proxy'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'proxy'],
    ['NotJson', 'proxy'],
    ['NotAPage', 'proxy'],
    ['NoTokenYet', 'identity endpoint'],
  ])('after %s says what to check', (code, words) => {
    expect(adviceFor({ kind: 'unavailable', code, operation: 'list devices' }, { kind: 'sas' })).toContain(words);
  });

  test.each([302, 307, 407, 511])('after status %i names the proxy', (status) => {
    const error = { kind: 'unavailable', code: undefined, status, operation: 'list devices' } as const;
    expect(adviceFor(error, { kind: 'sas' })).toContain('proxy');
  });

  test.each([404, 408, 500, 503])('does not exist after status %i', (status) => {
    const error = { kind: 'unavailable', code: undefined, status, operation: 'list devices' } as const;
    expect(adviceFor(error, { kind: 'sas' })).toBeUndefined();
  });

  test.each(['ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'ServerBusy', undefined])('does not exist after %s', (code) => {
    expect(adviceFor({ kind: 'unavailable', code, operation: 'list devices' }, { kind: 'sas' })).toBeUndefined();
  });
});
