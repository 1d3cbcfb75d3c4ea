import type { HubResponse } from './hubResponse.ts';
import { trackingTimeText } from './timeText.ts';

/**
 * The formats of the service's error bodies (seen on live hubs and in the recordings of azure-sdk-for-net): `text`
 * {Message:"ErrorCode:Name;…",ExceptionMessage:"Tracking ID:…"}, `flat` {errorCode,message,trackingId,timestampUtc},
 * `nested` {Message:"{\"errorCode\":…}",ExceptionMessage:""}, and `job` for import and export jobs: like `text`, but
 * with several lines and an empty ExceptionMessage.
 */
export type ErrorShape = 'text' | 'flat' | 'nested' | 'job';

interface RefusalParts {
  status: number;
  code: number;
  codeName: string;
  message: string;
  shape?: ErrorShape;
  headers?: Record<string, string>;
  /** The reason, for debugging; sent in the header `x-emulator-hint`, which no real hub sends. */
  hint?: string;
}

/** An error response of the hub. Code that refuses a request throws it; the server sends it. */
export class HubRefusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly codeName: string;
  readonly shape: ErrorShape;
  readonly headers: Record<string, string>;
  readonly hint: string | undefined;

  constructor(parts: RefusalParts) {
    super(parts.message);
    this.name = 'HubRefusal';
    this.status = parts.status;
    this.code = parts.code;
    this.codeName = parts.codeName;
    this.shape = parts.shape ?? 'text';
    this.headers = parts.headers ?? {};
    this.hint = parts.hint;
  }
}

/** The response for a refusal. `requestId` is a GUID; its digits are the tracking id. */
export function refusalResponse(refusal: HubRefusal, requestId: string, nowMs: number): HubResponse {
  const headers: Record<string, string> = { 'iothub-errorcode': refusal.codeName, ...refusal.headers };
  if (refusal.hint !== undefined) headers['x-emulator-hint'] = refusal.hint.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
  return { status: refusal.status, headers, body: refusalBody(refusal, requestId.replaceAll('-', ''), nowMs) };
}

function refusalBody(refusal: HubRefusal, trackingId: string, nowMs: number): unknown {
  const { code, codeName, message } = refusal;
  switch (refusal.shape) {
    case 'flat':
      return { errorCode: code, message, trackingId, timestampUtc: new Date(nowMs).toISOString() };
    case 'nested':
      return { Message: JSON.stringify({ errorCode: code, message, trackingId }), ExceptionMessage: '' };
    case 'job':
      return { Message: jobMessage(refusal, nowMs), ExceptionMessage: '' };
    case 'text':
      return {
        Message: `ErrorCode:${codeName};${message}`,
        ExceptionMessage: `Tracking ID:${trackingId}-G:0-TimeStamp:${trackingTimeText(nowMs)}`,
      };
  }
}

/** The tracking id is empty, as in the only error body of a job that was seen. */
function jobMessage({ status, codeName, message }: HubRefusal, nowMs: number): string {
  const lines = [
    `ErrorCode:${codeName};Error: ${status} ErrorCode: ${codeName}`,
    `Message: ${message}`,
    `Timestamp: ${trackingTimeText(nowMs)}`,
    'Tracking ID: ',
  ];
  return lines.join('\n');
}
