/** The HTTP status of a storage SDK's error; undefined for any other error, such as a broken connection. */
export function storageStatus(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
