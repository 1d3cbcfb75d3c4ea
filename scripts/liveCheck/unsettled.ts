/** The hub gave no answer that could be judged (5xx, no connection, a setup step refused), or the budget of calls is used up. */
export class Unsettled extends Error {
  /** Of a failure without a response, such as `ENOTFOUND`. */
  readonly code: string | undefined;

  constructor(why: string, code?: string) {
    super(why);
    this.name = 'Unsettled';
    this.code = code;
  }
}

/** Ctrl+C: no further calls but those that remove the scratch device. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.');
    this.name = 'Interrupted';
  }
}
