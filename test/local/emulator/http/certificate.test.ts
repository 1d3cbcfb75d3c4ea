import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { describe, expect, test } from '@jest/globals';
import { sasToken } from '../hubClient.ts';
import { withEmulator } from '../withEmulator.ts';

function statusOf(agent: Agent, port: number, hostName: string, authorization: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = '/statistics/devices?api-version=2021-04-12';
    const headers = { authorization, host: hostName };
    const options = { host: '127.0.0.1', port, servername: hostName.split(':')[0], path, agent, headers };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('The certificate of the emulator', () => {
  test('one client can trust two emulators', async () => {
    await withEmulator({}, async (_one, first) => {
      await withEmulator({}, async (_two, second) => {
        const agent = new Agent({ ca: [first, second].map(({ caFile }) => readFileSync(caFile)) });
        for (const { port, hostName, connectionString } of [first, second])
          expect(await statusOf(agent, port, hostName, sasToken(connectionString))).toBe(200);
      });
    });
  });

  test('it is valid for the three names that the hub has in Azure, and so are tokens for them', async () => {
    await withEmulator({ name: 'Contoso' }, async (_client, { caFile, port, connectionString }) => {
      const agent = new Agent({ ca: readFileSync(caFile) });
      for (const scope of ['contoso', 'contoso.service', 'contoso.device'].map((part) => `${part}.azure-devices.net`))
        expect(await statusOf(agent, port, scope, sasToken(connectionString, { scope }))).toBe(200);
    });
  });
});
