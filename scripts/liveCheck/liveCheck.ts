import { type Clock, systemClock } from '../../shared/clock.ts';
import { CallBudget } from './callBudget.ts';
import { type Claim, notSettled } from './claim.ts';
import { CannotRun, expectEmptyPlace, makeScratchDevice } from './firstCalls.ts';
import { type HubAccess, secretsOf } from './hubAccess.ts';
import { HubCalls } from './hubCalls.ts';
import { ownIdentities } from './ownIdentities.ts';
import { Recorder, UnsafeRecordingError } from './recorder.ts';
import { removeOwn } from './removeOwn.ts';
import { type CheckedClaim, type ExitCode, exitCodeOf, reportLines } from './report.ts';
import { Sanitizer } from './sanitizer.ts';
import { ScratchDevice } from './scratchDevice.ts';
import { Interrupted, Unsettled } from './unsettled.ts';

export interface LiveCheckOptions {
  access: HubAccess;
  claims: readonly Claim[];
  /** Where the recordings are written; made if it is not there. */
  recordingsFolder: string;
  /** Random letters and digits for the name of the scratch device. */
  suffix: string;
  /** Ctrl+C: ends the checks; what was made is removed all the same. */
  signal: AbortSignal;
  writeLine(line: string): void;
  /** Called before the probe of each claim. */
  onClaim?(claim: Claim): void;
  clock?: Clock;
  /** PEM of a further authority to trust. Default: those of the process. */
  ca?: string;
  /** Default `maxCalls`. */
  maxCalls?: number;
}

/**
 * Checks the claims on a hub with one scratch device, which it makes and always removes; prints the table and writes the recordings.
 * Returns the exit code. Rejects only for defects of its own and for what writing the recordings throws.
 */
export async function liveCheck(options: LiveCheckOptions): Promise<ExitCode> {
  const { access, clock = systemClock, writeLine, signal } = options;
  const own = ownIdentities(options.suffix);
  const budget = new CallBudget(options.maxCalls);
  const recorder = new Recorder(new Sanitizer(access.hostName, own));
  const calls = new HubCalls({
    ...{ access, own, budget, clock, signal },
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    onExchange: (request, reply) => recorder.add(request, reply),
  });
  const device = new ScratchDevice(calls, own, access.kind, clock);
  const recorded = new Date(clock.now()).toUTCString();
  const checked: CheckedClaim[] = [];
  let exitCode: ExitCode = 2;
  let isWritten = false;
  try {
    recorder.begin('first-calls');
    await expectEmptyPlace(device);
    isWritten = true;
    writeLine(`Scratch device: ${own.scratch}`);
    await makeScratchDevice(device);
    for (const claim of options.claims) {
      options.onClaim?.(claim);
      writeLine(`- ${claim.id}`);
      recorder.begin(claim.id);
      checked.push(await check(claim, device));
    }
    exitCode = exitCodeOf(checked);
  } catch (error) {
    if (error instanceof Interrupted) writeLine('Interrupted: the claims below were checked before that.');
    else if (error instanceof CannotRun || error instanceof Unsettled) writeLine(`Cannot run: ${error.message}`);
    else throw error;
  } finally {
    recorder.begin('removal');
    const remains = isWritten ? await removeOwn(calls, own) : [];
    calls.close();
    for (const line of remains) writeLine(line);
    if (remains.length > 0) exitCode = 2;
  }
  if (checked.length > 0) for (const line of ['', ...reportLines(checked), '']) writeLine(line);
  if (isWritten) {
    const secrets = [...secretsOf(access), access.hostName, own.scratch];
    try {
      const files = await recorder.write(options.recordingsFolder, recorded, secrets);
      writeLine(`${files.length} sanitized recordings in ${options.recordingsFolder}`);
    } catch (error) {
      if (!(error instanceof UnsafeRecordingError)) throw error;
      writeLine(error.message);
      exitCode = 2;
    }
  }
  writeLine(`${budget.usedCalls} calls.`);
  return exitCode;
}

async function check(claim: Claim, device: ScratchDevice): Promise<CheckedClaim> {
  try {
    return { claim, verdict: await claim.probe(device), isFailure: false };
  } catch (error) {
    if (!(error instanceof Unsettled)) throw error;
    return { claim, verdict: notSettled(error.message), isFailure: true };
  }
}
