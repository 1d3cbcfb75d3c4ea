import { portProblem } from '../../portProblem.ts';
import { repeatableRandom } from '../../repeatableRandom.ts';
import { type Emulator, startEmulator } from '../emulator.ts';
import { seedDevices } from '../state/seedDevices.ts';
import { HubRefusal } from '../wire/hubRefusal.ts';
import { CommandLineError, readCommandLine } from './commandLine.ts';
import { helpText } from './helpText.ts';

async function main(): Promise<void> {
  const command = readCommandLine(process.argv.slice(2));
  if (command.kind === 'help') {
    process.stdout.write(helpText);
    return;
  }
  let started: Emulator | undefined;
  let isClosing = false;
  const shutDown = () => {
    // Until the emulator has started, the exit removes everything that there is.
    if (!started) process.exit(1);
    if (isClosing) return;
    isClosing = true;
    started.close().catch(fail);
  };
  process.on('SIGINT', shutDown);
  process.on('SIGTERM', shutDown);
  const emulator = await startEmulator(command.options);
  started = emulator;
  const { seed } = command.options;
  const random = seed === undefined ? {} : { random: repeatableRandom(seed) };
  try {
    seedDevices(emulator.hub, { count: command.devices, ...random });
  } catch (error) {
    await emulator.close(); // a listening server would keep the process alive
    throw error;
  }
  const { hostName, connectionString, caFile } = emulator;
  const { identityEndpoint, identityHeader } = emulator.entra;
  const entra = command.showEntra ? { identityEndpoint, identityHeader } : {};
  // Prints a key on purpose: clients read it from the ready line, and it is valid for this process only.
  process.stdout.write(`${JSON.stringify({ ready: true, hostName, connectionString, ca: caFile, ...entra })}\n`);
}

function fail(error: unknown): void {
  const isUsageError = [CommandLineError, RangeError, HubRefusal].some((kind) => error instanceof kind);
  const message = error instanceof Error ? error.message : String(error);
  const text = isUsageError ? `${message}\nSee --help.` : error instanceof Error ? error.stack : message;
  process.stderr.write(`${portProblem(error, '--port') ?? text}\n`);
  process.exitCode = 1;
}

main().catch(fail);
