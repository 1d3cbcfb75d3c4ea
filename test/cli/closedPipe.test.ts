import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

test('a reader that closes the pipe early, as head does, leaves the exit code as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'closed-pipe-'));
  try {
    const file = join(folder, 'policy.json');
    await writeFile(file, '[{"moduleId":"agent","selcet":{}}]');
    const child = spawn(process.execPath, ['cli/main.ts', 'check', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    expect({ code, errors }).toEqual({ code: 1, errors: '' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
