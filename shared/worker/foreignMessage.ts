import type { LogFields } from '../telemetry/records.ts';

/** What IoT Hub allows as a hub's name: 3 to 50 letters, digits and hyphens. */
const legalHubName = /^[a-z0-9](?:[a-z0-9-]{1,48})[a-z0-9]$/i;
/** How many characters of an unknown name are logged: enough to recognize it, too few to show a key that was sent by mistake. */
const shownLength = 12;

/**
 * Returns what may be logged of a message in `hub-work` that names none of our hubs, so that its sender can be found: its id and
 * the time at which it was sent, which the storage account's own logs have too, and what kind of content it has. Of the content
 * itself, it returns only the first characters of what may be a hub's name.
 */
export function foreignMessageFields(message: unknown, triggerMetadata: Record<string, unknown> = {}): LogFields {
  const { id, insertionTime, dequeueCount } = triggerMetadata;
  const { hub } = (message ?? {}) as { hub?: unknown };
  const isName = typeof hub === 'string' && legalHubName.test(hub);
  return {
    messageId: typeof id === 'string' ? id : null,
    insertedAt: timeText(insertionTime),
    dequeueCount: typeof dequeueCount === 'number' ? dequeueCount : null,
    content: contentKind(message),
    ...(isName ? { hubBegins: hub.slice(0, shownLength) } : {}),
  };
}

function contentKind(message: unknown): string {
  if (message === null || message === undefined) return 'nothing';
  if (Array.isArray(message)) return 'list';
  if (typeof message === 'object') return `object, hub: ${typeof (message as { hub?: unknown }).hub}`;
  return typeof message;
}

/** The host passes a time as text; another version may pass a Date. */
function timeText(time: unknown): string | null {
  const ms = time instanceof Date ? time.getTime() : typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
