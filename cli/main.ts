import { setTimeout as delay } from 'node:timers/promises';
import { readAccess } from './api/access.ts';
import { keeperApi } from './api/keeperApi.ts';
import { CliError } from './cliError.ts';
import { type Command, readCommandLine } from './commandLine.ts';
import { cancel } from './commands/cancel.ts';
import { check } from './commands/check.ts';
import { failures } from './commands/failures.ts';
import { hubs } from './commands/hubs.ts';
import { plan } from './commands/plan.ts';
import { size } from './commands/size.ts';
import { status } from './commands/status.ts';
import { sweep, undo } from './commands/sweep.ts';
import { why } from './commands/why.ts';
import { exitCodes } from './exitCodes.ts';
import { helpText } from './helpText.ts';
import { type Answer, answerText } from './output/answer.ts';
import { printable } from './output/printable.ts';
import { ProgressLine } from './output/progressLine.ts';
import { sizingMarkdown, sizingTable } from './size/sizingTable.ts';

/** A second SIGINT within this time comes from the same Ctrl+C. */
const sameCtrlCMs = 1_000;

async function main(): Promise<void> {
  const command = readCommandLine(process.argv.slice(2));
  if (command.name === 'help') return print(helpText);
  if (command.name === 'sizingTable' && command.output === 'table') return print(sizingMarkdown());
  const answer = await answerOf(command);
  process.exitCode = answer.exitCode; // before the text, since its reader may close the pipe
  await print(answerText(answer, command.output));
}

function answerOf(command: Exclude<Command, { name: 'help' }>): Answer | Promise<Answer> {
  if (command.name === 'check') return check(command.file, command.kind);
  if (command.name === 'size') return size(command.of);
  if (command.name === 'sizingTable') return sizingTable();
  const api = keeperApi(readAccess(process.env));
  switch (command.name) {
    case 'status':
      return status(api, command.minCoveragePercent);
    case 'hubs':
      return hubs(api);
    case 'failures':
      return failures(api, command.hub, command.runId);
    case 'why':
      return why(api, command.deviceId, command.hub);
    case 'cancel':
      return cancel(api, command.hub, command.runId);
    case 'sweep':
      return sweep(following(api), command);
    case 'plan':
      return plan(following(api), command);
    case 'undo':
      return undo(following(api), command.hub, command.runId, command.wait);
  }
}

/** What `followRuns` needs. Ctrl+C ends the waiting; the run continues. */
function following(api: ReturnType<typeof keeperApi>) {
  const interrupted = new AbortController();
  let interruptedAtMs = 0;
  process.on('SIGINT', () => {
    // The terminal sends Ctrl+C to this process, and npm then sends the same one again: only a later one ends the process.
    if (interrupted.signal.aborted && performance.now() - interruptedAtMs > sameCtrlCMs)
      process.exit(exitCodes.interrupted);
    if (interrupted.signal.aborted) return;
    interruptedAtMs = performance.now();
    interrupted.abort();
  });
  const { signal } = interrupted;
  const sleep = async (ms: number) => {
    // The delay rejects when it is aborted; the caller then checks the signal.
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };
  const elapsedMs = () => performance.now();
  return { api, progress: new ProgressLine(process.stderr), sleep, elapsedMs, signal };
}

/** Resolves when everything is written, also into a pipe. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}

// `keeper … | head` closes the pipe early; that is not an error, and the exit code stays that of the answer.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

main().catch((error: unknown) => {
  const isKnown = error instanceof CliError;
  const text = isKnown ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text.split('\n').map(printable).join('\n')}\n`);
  if (isKnown && error.exitCode === exitCodes.usage) process.stderr.write('See keeper --help.\n');
  process.exitCode = isKnown ? error.exitCode : exitCodes.fault;
});
