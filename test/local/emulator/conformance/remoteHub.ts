import { test } from '@jest/globals';

/** Connection string of a real hub, with the policy iothubowner; empty if the suite runs against the emulator. */
export const remoteConnectionString = process.env.REMOTE_HUB_CONNECTION_STRING ?? '';

export const isRemote = remoteConnectionString !== '';

/** Address of a blob container that the real hub can use for jobs, with a SAS of rwdl; empty if there is none. */
export const remoteContainerUri = process.env.REMOTE_HUB_CONTAINER_URI ?? '';

/** Why a test needs the emulator. */
export const needs = {
  clock: 'needs control of the time',
  tier: 'needs a hub of another tier',
  caps: 'needs a hub with small caps',
  pages: 'needs control of the page sizes',
  wholeHub: 'needs a hub that nobody else uses',
  dots: 'a front end may resolve dots in a path before the hub sees them',
  keys: 'needs the keys of all policies',
  body: 'needs control of the largest body',
} as const;

/** Defines a test that needs a blob container; on a real hub it runs only if REMOTE_HUB_CONTAINER_URI names one. */
export function withContainer(name: string, run: () => Promise<void>): void {
  if (isRemote && remoteContainerUri === '') {
    process.stderr.write(`left out on a real hub: ${name}: needs REMOTE_HUB_CONTAINER_URI\n`);
  } else test(name, run);
}

/** Defines a test that runs on the emulator only; on a real hub it does not run, and the output says so. */
export function emulatorOnly(why: string, name: string, run: () => Promise<void>): void {
  if (isRemote) process.stderr.write(`left out on a real hub: ${name}: ${why}\n`);
  else test(name, run);
}
