import { failureOfCode } from '../transportFailure.ts';
import type { Outcome } from './outcome.ts';

/** What to do about an outcome whose reason says more than the outcome itself, by outcome and reason. */
const byReason: Readonly<Partial<Record<Outcome, Readonly<Record<string, string>>>>> = {
  blocked: {
    connected:
      'The module is connected, so its agent is in use. Stop the agent on the device first; or set `removal.connected` of the module to "remove".',
    needsDryRun:
      'A run removes modules only after a dry run of the same policy that ended less than 24 hours before. Start a dry run, read what it would remove, then start a run.',
    disabled:
      'The device is disabled on the hub, which then refuses to create modules on it. Enable it, and the next sweep creates the module; or exclude it in the policy.',
    tooManyModules:
      'The device has as many modules as a hub allows (50). Remove one that is not needed any more; the next sweep creates the module.',
    tierWithoutModules:
      'A hub of the Basic tier has no modules. Move it to the Standard tier (B1 to S1, B2 to S2, B3 to S3), or take it out of the settings.',
  },
  excluded: {
    managed:
      'IoT Edge or another service owns this module and would create it again, so runs leave it. Remove it there.',
    noModule:
      'The policy does not create this module, and the device does not have it yet. Its twin is written once the module exists.',
    onlyByRun: 'The policy wants this module removed, and only runs remove modules: start a sweep.',
    edge: 'It is an IoT Edge device, which the policy leaves out: write "edge": true into the `select` of the module to include it.',
    deviceId: 'No pattern of `select.deviceIds` in the policy matches its id. Patterns are case-sensitive.',
    tags: 'Its tags are not those that `select.tags` in the policy asks for.',
    laterWave:
      'The rollout of the policy has not reached its wave. It is served when the waves before it are done and healthy, and `pauseHours` have passed.',
    exempt: 'It has the tag that `select.exemptTag` in the policy names. Remove the tag to end the exemption.',
  },
  failed: {
    notStored:
      'What the run had stored of this module no longer exists, so the undo cannot create it. Create it by hand.',
    changedMeanwhile:
      'Another client changed the module at the same moment, several times. The next sweep tries again.',
    moduleNotFound: 'The hub lost the module while it was created. The next sweep tries again.',
    'no answer':
      'The hub did not respond to the calls for this device, while it served others. The next sweep tries again; if it fails there too, look at the device on the hub.',
    'not recorded': 'An earlier version of the app counted these without their reason: read the failures of the run.',
    other: 'Further reasons, of which only the number is kept: read the failures of the run.',
  },
};

/** What to do about the other reasons of an outcome. */
const otherwise: Readonly<Record<Outcome, string>> = {
  created: 'Nothing: the module was created.',
  updated: 'Nothing: the twin of the module was written.',
  removed: 'Nothing: the module was removed.',
  unchanged: 'Nothing: the module is as the policy wants it.',
  gone: 'Nothing: the device does not exist any more.',
  excluded: 'The policy leaves this device out.',
  blocked: 'The hub refuses the change until the device or the hub is changed.',
  failed:
    'The hub refused the module of this device as it was sent. Look up the code in Microsoft\'s "IoT Hub error codes", check `twin` and `authentication` of the module in the policy, and start another run.',
};

const serverFailure =
  'The hub failed on the calls for this device five times, while it served others. The next sweep tries again; if it fails there too, give Microsoft support the tracking id from the log.';
const otherStatus =
  'The hub refused the calls for this device five times, while it served others. The next sweep tries again; the log has the code and the tracking id.';
const noResponse =
  'The connection broke or timed out on the calls for this device five times, while the hub served others. The next sweep tries again; if it fails there too, look at the device on the hub.';

/** The sentence that says what to do about one outcome; the only place that decides it. */
export function adviceForOutcome(outcome: Outcome, reason: string | undefined): string {
  const known = byReason[outcome] ?? {};
  if (reason !== undefined && Object.hasOwn(known, reason)) return known[reason] ?? otherwise[outcome];
  if (outcome === 'failed' && reason !== undefined) {
    if (/^HTTP 5\d\d$/.test(reason)) return serverFailure;
    if (/^HTTP \d{3}$/.test(reason)) return otherStatus;
    if (failureOfCode(reason)) return noResponse;
  }
  return otherwise[outcome];
}
