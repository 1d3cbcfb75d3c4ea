import { CommandLineError, helpText, readCommandLine } from './commandLine.ts';
import { startEmulator } from './emulator.ts';
import { seedDevices } from './seedDevices.ts';

async function main(): Promise<void> {
  const command = readCommandLine(process.argv.slice(2));
  if (command.kind === 'help') {
    process.stdout.write(helpText);
    return;
  }
  const emulator = await startEmulator(command.options);
  let isClosing = false;
  const shutDown = () => {
    if (isClosing) return;
    isClosing = true;
    emulator.close().catch(fail);
  };
  process.on('SIGINT', shutDown);
  process.on('SIGTERM', shutDown);
  seedDevices(emulator.hub, { count: command.devices });
  const { hostName, connectionString, caFile } = emulator;
  // The one place that prints a key: the ready line is how others learn it, and it opens nothing but this process.
  process.stdout.write(`${JSON.stringify({ ready: true, hostName, connectionString, ca: caFile })}\n`);
}

function fail(error: unknown): void {
  const isTheirs = error instanceof CommandLineError || error instanceof RangeError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(isTheirs ? `${message}\nSee --help.\n` : `${error instanceof Error ? error.stack : message}\n`);
  process.exitCode = 1;
}

main().catch(fail);
