/** For the default branch of a switch over a union: if a member has no case, the code does not compile. */
export function assertNever(value: never): never {
  throw new TypeError(`Unhandled value ${JSON.stringify(value)}.`);
}
