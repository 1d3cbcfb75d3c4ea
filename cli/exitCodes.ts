/** What the exit code of `keeper` says; a pipeline relies on it. */
export const exitCodes = {
  /** The answer is yes, or the command has no answer that could be no. */
  ok: 0,
  /** The answer is no: not all is covered, a run failed, a file has problems, or the app refused the request. */
  no: 1,
  /** The command line, a file that it names, `KEEPER_URL` or `KEEPER_KEY` is wrong. */
  usage: 2,
  /** No answer: the app cannot be reached, refuses the key, or cannot serve the request now. */
  unreachable: 3,
  /** A defect of this command. */
  fault: 70,
  /** Ctrl+C while the command waited for a run; the run continues. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
