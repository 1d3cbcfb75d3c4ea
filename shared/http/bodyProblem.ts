import type * as z from 'zod/mini';

const names: Record<string, string> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  boolean: 'true or false',
  number: 'a number',
};

/**
 * What to write instead of a part of a body that a schema refused; `zod/mini` itself says no more than "Invalid input".
 * Quotes nothing of the body but the names of fields that are plain words.
 */
export function bodyProblem(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `write ${names[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `write at least ${issue.minimum}`;
    case 'too_big':
      return `write at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return `take away what is not known here: ${issue.keys.map(plainName).join(', ')}`;
    default:
      return 'write another value';
  }
}

function plainName(key: string): string {
  return /^[A-Za-z]\w{0,31}$/.test(key) ? key : '(an odd name)';
}
