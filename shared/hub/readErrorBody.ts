import { parsedJson } from '../parsedJson.ts';

/** The parts of an error response's body that the app reads. */
export interface ErrorBody {
  /** The error's name, such as `ThrottlingBacklogTimeout`, or its number, such as `409301`. */
  code?: string;
  /** The hub's text, used only to tell errors apart. Never log it: it quotes the request. */
  message?: string;
  trackingId?: string;
}

/**
 * Reads the three forms of a hub's error body (recorded traffic of the service): `Message` with text; the members `errorCode`,
 * `message` and `trackingId`; and `Message` with a JSON text of these members. Returns `{}` for anything else; never throws.
 */
export function readErrorBody(text: string): ErrorBody {
  const body = parseObject(text);
  if (body === undefined) return {};
  if (typeof body.Message !== 'string') return readFlatBody(body);
  const inner = parseObject(body.Message);
  if (inner !== undefined) return readFlatBody(inner);
  return errorBody(/ErrorCode:\s*([^;\s]+)/.exec(body.Message)?.[1], body.Message, body.ExceptionMessage);
}

/** `value` if it has the form of an error's name or number; else undefined, because a free text may quote the request. */
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

/** The id in `Tracking ID:<32 hex digits>-G:0-TimeStamp:09/01/2020 20:58:38`; the parts after the id are optional. */
function trackingIdIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^(?:Tracking ID:\s*)?([0-9A-Fa-f]{8,}(?:-[0-9A-Fa-f]{2,})*)(?:-G:|-TimeStamp:|$)/i.exec(
    value.slice(0, 128),
  )?.[1];
}

function parseObject(text: string): Record<string, unknown> | undefined {
  const value = parsedJson(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
