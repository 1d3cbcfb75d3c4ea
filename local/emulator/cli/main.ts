import { repeatableRandom } from '../../repeatableRandom.ts';
import { startEmulator } from '../emulator.ts';
import { seedDevices } from '../state/seedDevices.ts';
import { CommandLineError, helpText, readCommandLine } from './commandLine.ts';

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
  const { seed } = command.options;
  const random = seed === undefined ? {} : { random: repeatableRandom(seed) };
  seedDevices(emulator.hub, { count: command.devices, ...random });
  const { hostName, connectionString, caFile } = emulator;
  const { identityEndpoint, identityHeader } = emulator.entra;
  const entra = command.showEntra ? { identityEndpoint, identityHeader } : {};
  // The one place that prints a key: the ready line is how others learn it, and it opens nothing but this process.
  process.stdout.write(`${JSON.stringify({ ready: true, hostName, connectionString, ca: caFile, ...entra })}\n`);
}

function fail(error: unknown): void {
  const isTheirs = error instanceof CommandLineError || error instanceof RangeError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(isTheirs ? `${message}\nSee --help.\n` : `${error instanceof Error ? error.stack : message}\n`);
  process.exitCode = 1;
}

main().catch(fail);
