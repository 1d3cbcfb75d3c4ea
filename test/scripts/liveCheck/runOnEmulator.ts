import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../local/emulator/emulator.ts';
import { seedDevices } from '../../../local/emulator/state/seedDevices.ts';
import type { Claim } from '../../../scripts/liveCheck/claim.ts';
import { claims } from '../../../scripts/liveCheck/claims.ts';
import type { HubAccess } from '../../../scripts/liveCheck/hubAccess.ts';
import { liveCheck } from '../../../scripts/liveCheck/liveCheck.ts';
import { bearer } from '../../local/emulator/auth/entraToken.ts';
import { HubClient } from '../../local/emulator/hubClient.ts';
import { FakeClock } from '../../support/fakeClock.ts';

/** What a run printed and left. */
export interface Run {
  code: number;
  output: string;
  /** Cells of the table's row of each claim id: seen and result. */
  rows: Map<string, { seen: string; result: string }>;
  recordings: Map<string, string>;
  emulator: Emulator;
  /** Ids of all devices after the run. */
  devicesAfter: string[];
}

export interface RunWishes {
  hub?: Partial<EmulatorOptions>;
  /** Seeded devices. Default 1100: more than the largest page. */
  devices?: number;
  only?: readonly string[];
  maxCalls?: number;
  /** False: the emulator's certificate is not trusted. */
  trusted?: boolean;
  access?: (emulator: Emulator) => HubAccess;
  /** Before the first call. */
  before?(emulator: Emulator): void;
  onClaim?(claim: Claim, emulator: Emulator, interrupt: () => void): void;
}

const suffix = 'abc123';
export const scratchId = `keeper-live-check-${suffix}`;

/** Runs the live check against an emulator, both on one fake clock, so that no wait takes time. */
export async function runOnEmulator(wishes: RunWishes = {}): Promise<Run> {
  const clock = new FakeClock(Date.now());
  const emulator = await startEmulator({
    name: 'contoso',
    throttling: false,
    queryDelayMs: 3000,
    clock,
    ...wishes.hub,
  });
  const folder = await mkdtemp(join(tmpdir(), 'live-check-'));
  const interrupted = new AbortController();
  const lines: string[] = [];
  try {
    seedDevices(emulator.hub, { count: wishes.devices ?? 1100 });
    const access = (wishes.access ?? sasAccess)(emulator);
    wishes.before?.(emulator);
    const only = claims.filter(({ id }) => wishes.only?.includes(id) ?? true);
    const run = liveCheck({
      ...{ access, clock, suffix, claims: only, recordingsFolder: folder, signal: interrupted.signal },
      ...(wishes.trusted === false ? {} : { ca: readFileSync(emulator.caFile, 'utf8') }),
      writeLine: (line) => lines.push(line),
      onClaim: (claim) => wishes.onClaim?.(claim, emulator, () => interrupted.abort()),
      ...(wishes.maxCalls === undefined ? {} : { maxCalls: wishes.maxCalls }),
    });
    const code = await clock.run(run);
    const output = lines.join('\n');
    return {
      ...{ code, output, emulator },
      rows: rowsIn(output),
      recordings: await filesOf(folder),
      devicesAfter: [...emulator.hub.devices()].map(({ deviceId }) => deviceId),
    };
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true });
  }
}

export const sasAccess = ({ hostName, connectionString }: Emulator): HubAccess => ({
  ...{ kind: 'sas', hostName, connectionString },
});

/** Access with the system-assigned identity of the emulator. */
export function entraAccess(emulator: Emulator): HubAccess {
  const getToken = async () => {
    const client = new HubClient(emulator);
    try {
      const token = (await bearer(client, emulator)).replace('Bearer ', '');
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    } finally {
      client.close();
    }
  };
  return { kind: 'entra', hostName: emulator.hostName, credential: async () => ({ getToken }) };
}

function rowsIn(output: string): Run['rows'] {
  const found = claims.flatMap((claim) => {
    const start = `| ${claim.claim} | ${claim.expected} | `;
    const line = output.split('\n').find((text) => text.startsWith(start));
    const [seen = '', result = ''] = line?.slice(start.length).split(' | ') ?? [];
    return line === undefined ? [] : [[claim.id, { seen, result: result.replace(' |', '') }] as const];
  });
  return new Map(found);
}

async function filesOf(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}
