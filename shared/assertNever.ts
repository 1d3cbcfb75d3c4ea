/** For the default branch of a switch over a union: a member that nobody handles does not compile. */
export function assertNever(value: never): never {
  throw new TypeError(`Unhandled value ${JSON.stringify(value)}.`);
}
