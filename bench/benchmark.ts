/** One measured value, with its goal, and with the value of something simpler that was measured in the same run. */
export interface Figure {
  /** What was measured: `bulk identities per second`. */
  what: string;
  value: number;
  unit: string;
  /** Undefined if the figure is only for comparison. Goals: docs/benchmarks.md. */
  goal?: { atMost: number } | { atLeast: number };
  /** The same measurement for something simpler, such as a loop without pacing. */
  peer?: { what: string; value: number };
}

/** The result of a benchmark; printed as one JSON object on the last line. */
export interface Report {
  benchmark: string;
  figures: Figure[];
  /** Whether every figure with a goal reached it. */
  goalsReached: boolean;
}

export interface Benchmark {
  name: string;
  /** One line for `--list`. */
  summary: string;
  /** `say` prints progress. Rejects if something cannot be measured. */
  run(say: (line: string) => void): Promise<Figure[]>;
}

/** Whether the figure reached its goal; true if it has none. */
export function reached({ value, goal }: Figure): boolean {
  if (!goal) return true;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}
