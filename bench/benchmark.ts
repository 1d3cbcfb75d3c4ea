/** One measured value beside what it should reach and beside what the same run shows to be possible. */
export interface Figure {
  /** What was measured, unit included: `bulk identities per second`. */
  what: string;
  value: number;
  unit: string;
  /** Undefined where no goal is set: the figure is there to be compared. */
  goal?: { atMost: number } | { atLeast: number };
  /** The same thing done by something that does no work of its own. */
  peer?: { what: string; value: number };
}

/** What a benchmark found; becomes the last line of the output, as one JSON object. */
export interface Report {
  benchmark: string;
  figures: Figure[];
  /** Whether every figure that has a goal reached it. */
  goalsReached: boolean;
}

export interface Benchmark {
  name: string;
  /** One line for `--list`. */
  summary: string;
  /** `say` takes progress for the person who waits. Rejects when something could not be measured. */
  run(say: (line: string) => void): Promise<Figure[]>;
}

/** Whether the figure reached its goal; true where it has none. */
export function reached({ value, goal }: Figure): boolean {
  if (!goal) return true;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}
