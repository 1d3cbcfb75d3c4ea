import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { portProblem } from '../../local/portProblem.ts';

describe('the sentence for a server that cannot listen', () => {
  test('names the port that is in use and the option that chooses another', async () => {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as { port: number };
    const second = createServer().listen(port, '127.0.0.1');
    const [error] = await once(second, 'error');
    first.close();
    expect(portProblem(error, '--hub-port')).toBe(
      `Port ${port} on 127.0.0.1 is in use. Choose another one with --hub-port (0: any free port).`,
    );
  });

  test('names a port that needs more rights', () => {
    const error = Object.assign(new Error('denied'), { code: 'EACCES', port: 80, address: '127.0.0.1' });
    expect(portProblem(error, '--port')).toContain('Port 80 on 127.0.0.1 needs more rights.');
  });

  test.each([new Error('other'), Object.assign(new Error('a file'), { code: 'EACCES' }), 'text', undefined])(
    'is none for %p',
    (error) => expect(portProblem(error, '--port')).toBeUndefined(),
  );
});
