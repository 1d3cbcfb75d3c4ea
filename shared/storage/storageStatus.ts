/** Returns the HTTP status of a storage SDK error; undefined for any other error, such as a broken connection. */
export function storageStatus(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/** Codes of system errors, and the codes of Node and the storage SDK for a missing or incomplete response. */
const noResponseCode = /^(E[A-Z0-9]+|ERR_STREAM_PREMATURE_CLOSE|REQUEST_SEND_ERROR|PARSE_ERROR)$/;

/** Whether the error is an outage of storage, not a failure of one call: no response, 408, 429 or 5xx. */
export function isStorageOutage(error: unknown): boolean {
  const status = storageStatus(error);
  if (status !== undefined) return status === 408 || status === 429 || status >= 500;
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && noResponseCode.test(code);
}
