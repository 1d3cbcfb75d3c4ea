/** What a hub's refusal says of itself; nothing else of its body is kept. */
export interface ErrorBody {
  /** The error's name, such as `ThrottlingBacklogTimeout`, or its number, such as `409301`. */
  code?: string;
  /** The hub's own words, for deciding; never to be shown, as they quote what was sent. */
  message?: string;
  trackingId?: string;
}

/**
 * Reads the three shapes in which hubs wrap an error: `Message` text, flat lower case, and lower case inside `Message`
 * (recorded traffic of the service). Anything else reads as `{}`; nothing that a body holds makes this throw.
 */
export function readErrorBody(text: string): ErrorBody {
  const body = parseObject(text);
  if (body === undefined) return {};
  if (typeof body.Message !== 'string') return readFlatBody(body);
  const inner = parseObject(body.Message);
  if (inner !== undefined) return readFlatBody(inner);
  return errorBody(/ErrorCode:\s*([^;\s]+)/.exec(body.Message)?.[1], body.Message, body.ExceptionMessage);
}

/** An error's name or number, as far as `value` looks like one; what is longer or stranger is somebody's text. */
export function errorCode(value: unknown): string | undefined {
  const code = typeof value === 'number' ? String(value) : value;
  return typeof code === 'string' && /^[A-Za-z0-9_]{1,64}$/.test(code) ? code : undefined;
}

function readFlatBody({ errorCode: code, message, trackingId }: Record<string, unknown>): ErrorBody {
  return errorBody(code, message, trackingId);
}

function errorBody(codeValue: unknown, message: unknown, trackingValue: unknown): ErrorBody {
  const code = errorCode(codeValue);
  const trackingId = trackingIdIn(trackingValue);
  return {
    ...(code === undefined ? {} : { code }),
    ...(typeof message === 'string' ? { message } : {}),
    ...(trackingId === undefined ? {} : { trackingId }),
  };
}

/** Of `Tracking ID:<32 hex digits>-G:0-TimeStamp:09/01/2020 20:58:38` the id; the parts behind it may be missing. */
function trackingIdIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^(?:Tracking ID:\s*)?([0-9A-Fa-f]{8,}(?:-[0-9A-Fa-f]{2,})*)(?:-G:|-TimeStamp:|$)/i.exec(
    value.slice(0, 128),
  )?.[1];
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a proxy's page, or a cut-off body
    throw error;
  }
}
