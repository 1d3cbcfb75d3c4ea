import type { HubResponse } from './hubResponse.ts';
import { trackingTimeText } from './timeText.ts';

/**
 * The service's ways to word an error (seen on live hubs and in the recordings of azure-sdk-for-net):
 * `text` {Message:"ErrorCode:Name;…",ExceptionMessage:"Tracking ID:…"}, `flat` {errorCode,message,trackingId,timestampUtc},
 * `nested` {Message:"{\"errorCode\":…}",ExceptionMessage:""}, and `job`, as `text` but of several lines and with an empty
 * ExceptionMessage, where import and export jobs are refused.
 */
export type ErrorShape = 'text' | 'flat' | 'nested' | 'job';

interface RefusalParts {
  status: number;
  code: number;
  codeName: string;
  message: string;
  shape?: ErrorShape;
  headers?: Record<string, string>;
  /** Why, for the person who debugs; travels in the header `x-emulator-hint`, which no real hub sends. */
  hint?: string;
}

/** Thrown by whatever cannot do what was asked; the server turns it into the hub's answer. */
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

/** The answer to a refused request. `requestId` is a GUID; its digits are the tracking id. */
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

/** The tracking id is empty in the body that was seen, too. */
function jobMessage({ status, codeName, message }: HubRefusal, nowMs: number): string {
  const lines = [
    `ErrorCode:${codeName};Error: ${status} ErrorCode: ${codeName}`,
    `Message: ${message}`,
    `Timestamp: ${trackingTimeText(nowMs)}`,
    'Tracking ID: ',
  ];
  return lines.join('\n');
}
