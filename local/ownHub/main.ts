import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { bundle } from '../../scripts/bundle.ts';
import { readHostJson } from '../../shared/appFiles.ts';
import type { Config } from '../../shared/config/config.ts';
import { readConfig } from '../../shared/config/readConfig.ts';
import { defaultSweepSchedule } from '../../shared/config/sweepSchedule.ts';
import type { PolicyInForce } from '../../shared/policy/policyInForce.ts';
import type { WrittenInForce } from '../../shared/policyStore/standing.ts';
import { UnusableFolderError } from '../azurite/lockFolder.ts';
import { type Azurite, startAzurite } from '../azurite/startAzurite.ts';
import { freePort } from '../demo/freePort.ts';
import { Screen } from '../demo/screen.ts';
import { callThisMachineDirectly } from '../directCalls.ts';
import { HostConfigurationError } from '../host/hostError.ts';
import { hostKeys } from '../host/hostKeys.ts';
import { HostStartError, startHostProcess } from '../host/hostProcess.ts';
import { parseNcrontab } from '../host/ncrontab.ts';
import { portProblem } from '../portProblem.ts';
import { type HostCommand, helpText, preferredPort, readHostCommand, UsageError } from './commandLine.ts';
import { countHubs } from './countHubs.ts';
import { dryRunSettings, showDryRuns } from './dryRuns.ts';
import { Ending, interruptedCode } from './ending.ts';
import { logText } from './logText.ts';
import { type OwnSettings, readOwnSettings } from './ownSettings.ts';
import { readPolicyInForce, UnknownPolicyError } from './readPolicy.ts';
import { changedHubs, deedsOf, problemLines, summaryLines } from './summary.ts';

/** The app was not started; the message says why, and needs no stack trace. */
class NotStarted extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'NotStarted';
    this.exitCode = exitCode;
  }
}

/** Lines of the host that are kept, for a report if it ends by itself. */
const keptLines = 20;
/** npm passes a Ctrl+C on that the terminal has already sent to this process. */
const sameCtrlCMs = 1_000;

async function main(ending: Ending): Promise<void> {
  const command = readHostCommand(process.argv.slice(2));
  if (command === 'help') {
    process.stdout.write(helpText);
    return;
  }
  endAtCtrlC(command, ending);
  const screen = new Screen(process.stdout);
  screen.line('Module keeper on this machine, against your hubs');
  screen.line();
  const settings = await readOwnSettings(command.settingsFile, process.env);
  const config = checkedConfig(settings, command);
  const needsFolder = settings.isStorageEmbedded && existsSync(command.storageFolder);
  const kept = needsFolder ? await startEmbedded(command, ending) : undefined;
  const policy = await readPolicyInForce(config, storageToRead(config, settings, kept));
  await showSummary({ config, policy }, settings, command, screen);
  if (!command.dryRun && !command.yes) await askForConsent(config);
  callThisMachineDirectly();
  process.exitCode = command.dryRun
    ? await dryRun(settings, command, { policy, screen, ending })
    : await run(settings, command, { kept, screen, ending });
}

/** Starts the storage account in the folder. */
async function startEmbedded({ storageFolder }: HostCommand, ending: Ending): Promise<Azurite> {
  const azurite = await startAzurite({ folder: storageFolder });
  ending.add(() => azurite.close());
  return azurite;
}

/** The storage account that may hold policy.json; undefined for a folder that is not there yet. */
function storageToRead({ storage }: Config, { isStorageEmbedded }: OwnSettings, kept: Azurite | undefined) {
  if (!isStorageEmbedded) return storage;
  return kept && { kind: 'connectionString' as const, connectionString: kept.connectionString };
}

const endingText = 'Ending. A sweep that is under way is continued at the next start.';

function endAtCtrlC({ dryRun }: HostCommand, ending: Ending): void {
  let endedAtMs = 0;
  const interrupt = () => {
    if (ending.hasBegun && performance.now() - endedAtMs > sameCtrlCMs) process.exit(interruptedCode); // children end with it
    if (ending.hasBegun) return;
    endedAtMs = performance.now();
    process.stdout.write('\n');
    if (ending.hasParts) process.stdout.write(`${dryRun ? 'Ending the dry run.' : endingText}\n`);
    void ending.end(ending.codeAtCtrlC);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
}

/** Throws `NotStarted` with every problem. */
function checkedConfig({ all, isStorageEmbedded }: OwnSettings, { settingsFile }: HostCommand): Config {
  const storage = isStorageEmbedded ? { AzureWebJobsStorage: 'UseDevelopmentStorage=true' } : {};
  const read = readConfig({ ...all, ...storage }, readHostJson(all));
  if (read.ok) return read.config;
  throw new NotStarted(
    `The settings cannot be used:\n${problemLines(read.problems).join('\n')}\n\nWrite them into ${settingsFile.path} (local.settings.sample.json is its pattern) or into the environment.`,
  );
}

/** Throws `NotStarted` if a hub cannot be read. */
async function showSummary(
  { config, policy }: { config: Config; policy: PolicyInForce },
  { all, source, isStorageEmbedded }: OwnSettings,
  { dryRun, storageFolder }: HostCommand,
  screen: Screen,
): Promise<void> {
  const hubs = await countHubs(config, policy.policy);
  const nextSweepMs = parseNcrontab(all.SWEEP_SCHEDULE?.trim() || defaultSweepSchedule)(Date.now());
  const storage = dryRun
    ? 'in memory, for this dry run only'
    : isStorageEmbedded
      ? `the folder ${storageFolder}, kept for the next start (Azurite)`
      : 'the storage account of AzureWebJobsStorage';
  for (const line of summaryLines(config, hubs, { source, storage, policy, dryRun, nextSweepMs })) screen.line(line);
  screen.line();
  const unread = hubs.filter((hub) => 'refusal' in hub).map(({ hub }) => hub.name);
  if (unread.length > 0)
    throw new NotStarted(`Nothing was started, because ${unread.join(', ')} cannot be read. See above.`);
  if (dryRun) return;
  screen.line(`This ${deedsOf(policy.policy)} on: ${changedHubs(hubs) || 'no hub, all are paused'}.`);
  screen.line(
    isStorageEmbedded
      ? 'Do not run it while the app runs in Azure for the same hub: each would spend the whole budget.'
      : 'An app in Azure with the same storage account shares the work with it.',
  );
}

/** Asks at the terminal. Throws `NotStarted` if the answer is not yes, or if the input is no terminal. */
async function askForConsent(config: Config): Promise<void> {
  if (!process.stdin.isTTY) throw new NotStarted('Nothing was started: the input is no terminal. Add --yes.', 2);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  lines.on('SIGINT', () => process.emit('SIGINT'));
  try {
    const answer = await lines.question(`Start on ${config.hubs.length === 1 ? 'this hub' : 'these hubs'}? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new NotStarted('Nothing was started.', 2);
  } finally {
    lines.close();
  }
}

async function dryRun(
  settings: OwnSettings,
  command: HostCommand,
  { policy, screen, ending }: { policy: WrittenInForce; screen: Screen; ending: Ending },
): Promise<number> {
  const azurite = await startAzurite();
  ending.add(() => azurite.close());
  const keySecret = randomBytes(32).toString('base64url');
  const host = await startApp(settings, command, ending, {
    port: 0,
    settings: {
      ...(await dryRunSettings()),
      AzureWebJobsStorage: azurite.connectionString,
      POLICY: JSON.stringify(policy.written),
    },
    keySecret, // so that nothing else on this machine starts a sweep
  });
  const isDone = await showDryRuns(host, hostKeys(keySecret).master, screen);
  return ending.end(isDone ? 0 : 1);
}

async function run(
  settings: OwnSettings,
  command: HostCommand,
  { kept, screen, ending }: { kept: Azurite | undefined; screen: Screen; ending: Ending },
): Promise<number> {
  const embedded = settings.isStorageEmbedded ? (kept ?? (await startEmbedded(command, ending))) : undefined;
  const host = await startApp(settings, command, ending, {
    port: command.port ?? (await freePort(preferredPort)),
    settings: embedded ? { AzureWebJobsStorage: embedded.connectionString } : {},
  });
  ending.codeAtCtrlC = 0;
  screen.line();
  screen.line(`The app runs at ${host.url}; requests from this machine need no key. In another terminal:`);
  screen.line(`   export KEEPER_URL=${host.url}`);
  screen.line('   npm run keeper -- plan            what a sweep would change');
  screen.line('   npm run keeper -- sweep --wait    sweeps now');
  screen.line('   npm run keeper -- status');
  screen.line('Ctrl+C ends it; a sweep that is under way is continued at the next start.');
  screen.line();
  const { code, signal } = await host.exited;
  if (ending.hasBegun) return new Promise(() => undefined); // `end` exits
  process.stderr.write(`The app has ended by itself (${signal ?? code}). Start it again: it continues its runs.\n`);
  return ending.end(1);
}

async function startApp(
  { ofFile }: OwnSettings,
  { app, verbose }: HostCommand,
  ending: Ending,
  { settings, ...options }: { port: number; settings: Record<string, string>; keySecret?: string },
) {
  const show = (line: string) => {
    const text = verbose ? line : logText(line);
    if (text !== undefined) process.stderr.write(`${text}\n`);
  };
  const host = await startHostProcess({
    app: app ?? (await bundle()),
    settings: ofFile,
    // The whole environment, as with Core Tools: it may contain credentials, certificates and proxies.
    env: { ...definedOnly(process.env), ...settings },
    drainMs: 0, // the app's own end writes its checkpoint
    onLine: show,
    maxKeptLines: keptLines,
    ...options,
  });
  ending.add(() => host.close());
  if (host.functions.length === 0) throw new NotStarted('The app could not be loaded; the error above says why.');
  return host;
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const ending = new Ending({
  exit: (code) => process.exit(code),
  onError: (error) => process.stderr.write(`${describe(error)}\n`),
});
main(ending).catch(async (error: unknown) => {
  if (ending.hasBegun) return; // errors of the parts that are being ended are expected
  process.stderr.write(`${describe(error)}\n`);
  await ending.end(error instanceof UsageError ? 2 : error instanceof NotStarted ? error.exitCode : 1);
});

function describe(error: unknown): string {
  if (error instanceof HostStartError) return 'The host did not start; see above.'; // its lines are shown as they come
  if (error instanceof UsageError) return `${error.message}\nSee npm run host -- --help.`;
  const isKnown = [NotStarted, HostConfigurationError, UnusableFolderError, UnknownPolicyError].some(
    (kind) => error instanceof kind,
  );
  if (isKnown) return (error as Error).message;
  return portProblem(error, '--port') ?? ((error instanceof Error && error.stack) || String(error));
}
