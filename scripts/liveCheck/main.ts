import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { credentialsOnce } from '../../shared/credentials.ts';
import { helpText, readCommandLine, UsageError } from './commandLine.ts';
import type { HubAccess } from './hubAccess.ts';
import { liveCheck } from './liveCheck.ts';

const defaultFolder = 'out/live-check';

async function main(): Promise<void> {
  const command = readCommandLine(process.argv.slice(2), process.env);
  if (command.kind === 'help') {
    process.stdout.write(helpText);
    return;
  }
  const { hostName, recordingsFolder = defaultFolder, claims } = command;
  await mkdir(recordingsFolder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `The folder for recordings cannot be made (${error.code}): name another one with --recordings.`,
    );
  });
  const access: HubAccess =
    command.access === 'sas'
      ? { kind: 'sas', hostName, connectionString: command.connectionString }
      : { kind: 'entra', hostName, credential: credentialsOnce()(undefined) };
  const suffix = randomBytes(6).toString('hex');
  const interrupted = new AbortController();
  let interruptedAtMs = 0;
  const interrupt = () => {
    if (interrupted.signal.aborted) {
      // npm forwards the signal of Ctrl+C, which the terminal has sent to this process as well.
      if (performance.now() - interruptedAtMs < 1_000) return;
      process.stderr.write(`Ended before the scratch device keeper-live-check-${suffix} was removed: remove it.\n`);
      process.exit(2);
    }
    process.stderr.write('Interrupted: removing the scratch device; once more ends at once.\n');
    interruptedAtMs = performance.now();
    interrupted.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.exitCode = await liveCheck({
    ...{ access, claims, recordingsFolder, suffix, signal: interrupted.signal },
    writeLine: (line) => void process.stdout.write(`${line}\n`),
  });
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof UsageError;
  const text = error instanceof Error ? (isUsage ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n${isUsage ? 'See --help.\n' : ''}`);
  process.exitCode = 2;
});
