import type { ScratchDevice } from './scratchDevice.ts';

/** What a probe found. `seen` and `why` contain no id, key, token or host name. */
export type Verdict =
  | { kind: 'asExpected'; seen: string }
  /** `change`: the option of the emulator to change, or which behaviour of it has no option. */
  | { kind: 'different'; seen: string; change: string }
  /** This hub, or one client with so few calls, cannot show it. */
  | { kind: 'notSettled'; why: string };

/** One behaviour of a hub that is not proven, as docs/status.md lists it, and the calls that settle it on a hub. */
export interface Claim {
  /** For `--only` and the name of the recording. */
  id: string;
  claim: string;
  /** The source of the expectation. */
  source: string;
  expected: string;
  /** What the keeper does on a hub that behaves differently. */
  otherwise: string;
  /**
   * Makes the calls. Throws `Unsettled` if the hub gave no answer to judge, `Interrupted` after Ctrl+C. It leaves the scratch device
   * enabled; modules may stay on it.
   */
  probe(device: ScratchDevice): Promise<Verdict>;
}

export const asExpected = (seen: string): Verdict => ({ kind: 'asExpected', seen });
export const different = (seen: string, change: string): Verdict => ({ kind: 'different', seen, change });
export const notSettled = (why: string): Verdict => ({ kind: 'notSettled', why });

/** For `change` where no option of the emulator makes the difference. */
export const noOption = (file: string): string => `no option: this is fixed in local/emulator/${file}`;
