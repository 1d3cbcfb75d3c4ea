/** The run cannot or must not continue, and ends as failed. The message becomes the run's reason. */
export class RunFailedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RunFailedError';
  }
}
