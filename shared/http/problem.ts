import type { HttpResponseInit } from '@azure/functions';
import type { ProblemBody } from '../api/basics.ts';
import { noStore } from './answer.ts';

/** One invalid field; `message` says what to write instead. */
export interface ProblemError {
  field: string;
  message: string;
}

/** An HTTP error response with RFC 9457 problem details: what failed and what to change. */
export class Problem extends Error {
  readonly status: number;
  readonly type: string;
  readonly detail: string;
  readonly errors: readonly ProblemError[];
  readonly retryAfterSeconds: number | undefined;

  /** `type` is the last part of the URN of the problem, such as `unknown-hub`. */
  constructor(
    status: number,
    type: string,
    title: string,
    detail: string,
    more: { errors?: readonly ProblemError[]; retryAfterSeconds?: number } = {},
  ) {
    super(title);
    this.name = 'Problem';
    this.status = status;
    this.type = type;
    this.detail = detail;
    this.errors = more.errors ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  get body(): ProblemBody {
    return {
      type: `urn:module-keeper:${this.type}`,
      title: this.message,
      status: this.status,
      detail: this.detail,
      ...(this.errors.length > 0 ? { errors: [...this.errors] } : {}),
    };
  }

  toResponse(): HttpResponseInit {
    return {
      status: this.status,
      headers: {
        'content-type': 'application/problem+json',
        ...noStore,
        ...(this.retryAfterSeconds === undefined ? {} : { 'retry-after': String(this.retryAfterSeconds) }),
      },
      body: JSON.stringify(this.body),
    };
  }
}
