import { hubHost, hubNameOfHost } from '../../shared/config/hubAddress.ts';
import type { HubReply, HubRequest } from './httpExchange.ts';
import type { OwnIdentities } from './ownIdentities.ts';
import { hubTime, type Replacements, sanitized, sanitizedText, withReplacements } from './sanitizedText.ts';

/** As in the recordings of test/local/emulator/recordings. */
interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

interface RecordedResponse {
  status: number;
  headers: Record<string, string>;
  body: unknown;
  trimmed?: true;
  originalCount?: number;
}

export interface RecordedExchange {
  request: RecordedRequest;
  response: RecordedResponse;
}

/** Longer arrays are cut, as in the other recordings. */
const mostItems = 3;

/** Members whose text or number is kept: words of the service. */
const keptWords = ['status', 'connectionState', 'type', 'authenticationType', 'importMode', 'operation', 'errorCode'];
const keptNumbers = ['errorCode', 'version', '$version', '$lastUpdatedVersion', 'cloudToDeviceMessageCount'];
const texts = ['Message', 'ExceptionMessage', 'message', 'errorStatus', 'trackingId', 'statusReason'];
const ownIds = ['deviceId', 'id', 'moduleId'];

/**
 * Turns exchanges into recordings in which only what is on a list is kept: words of the service, times, numbers of versions, own
 * ids as placeholders, etags as equal placeholders. Names of members are kept if they look like the service's.
 */
export class Sanitizer {
  private readonly ids: Replacements;
  private readonly idsAndNames: Replacements;
  private readonly etags = new Map<string, string>();

  constructor(hostName: string, { scratch, missing }: OwnIdentities) {
    const hub = hubNameOfHost(hostName);
    const names = hub === undefined ? [] : ([[hub, 'contoso']] as const);
    const hosts = [...new Set([hostName.toLowerCase(), hubHost(hostName)])].map(
      (host) => [host, 'contoso.azure-devices.net'] as const,
    );
    const ids = [
      [missing, 'LiveCheckDevice0000002'],
      [scratch, 'LiveCheckDevice0000001'],
    ] as const;
    this.ids = ids;
    this.idsAndNames = [...ids, ...hosts, ...names];
  }

  exchange(request: HubRequest, reply: HubReply): RecordedExchange {
    return { request: this.request(request), response: this.response(reply) };
  }

  /** Requests are the run's own; only its ids, etags and continuation tokens identify the hub. */
  private request({ method, path, headers, body }: HubRequest): RecordedRequest {
    const sent = Object.entries(headers).map(([name, value]) => [
      name,
      name === 'x-ms-continuation' ? sanitized : value,
    ]);
    return {
      method,
      path: withReplacements(path, this.ids),
      headers: Object.fromEntries(sent),
      body: body === undefined ? null : JSON.parse(withReplacements(JSON.stringify(body), this.ids)),
    };
  }

  private response({ status, headers, body }: HubReply): RecordedResponse {
    const cut = Array.isArray(body) && body.length > mostItems;
    const kept = cut ? body.slice(0, mostItems) : body;
    return {
      status,
      headers: this.headers(headers),
      body: kept === undefined ? null : this.value('', kept),
      ...(cut ? { trimmed: true as const, originalCount: body.length } : {}),
    };
  }

  private headers(headers: HubReply['headers']): Record<string, string> {
    const kept = ['content-type', 'etag', 'iothub-errorcode', 'x-ms-item-type', 'x-ms-continuation', 'retry-after'];
    return Object.fromEntries(
      kept.flatMap((name) => {
        const value = headers[name];
        return typeof value === 'string' ? [[name, this.header(name, value)]] : [];
      }),
    );
  }

  private header(name: string, value: string): string {
    if (name === 'etag') return `"${this.etag(value.replaceAll('"', ''))}"`;
    if (name === 'content-type') return /^[a-z]+\/[a-z+]+(; charset=[\w-]{1,20})?$/i.test(value) ? value : sanitized;
    return /^(?:[A-Za-z]{1,60}|\d{1,6})$/.test(value) ? value : sanitized;
  }

  private value(name: string, value: unknown): unknown {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number') return keptNumbers.includes(name) ? value : 0;
    if (typeof value === 'string') return this.text(name, value);
    if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => this.value(name, item));
    const members = Object.entries(value as object).map(([member, inner]) => [
      memberName(member),
      this.value(member, inner),
    ]);
    return Object.fromEntries(members);
  }

  private text(name: string, value: string): string {
    if (value === '' || hubTime.test(value)) return value;
    if (name === 'etag' || name === 'deviceEtag') return this.etag(value);
    if (name === 'generationId') return /^\d{18}$/.test(value) ? '637000000000000000' : sanitized;
    if (ownIds.includes(name)) return this.id(value);
    if (keptWords.includes(name)) return /^[A-Za-z]{1,60}$/.test(value) ? value : sanitized;
    // Without a name: a body that is text.
    if (texts.includes(name) || name === '') return sanitizedText(value, this.idsAndNames);
    return sanitized;
  }

  private id(value: string): string {
    if (/^live-check-[a-z0-9-]{1,40}$/.test(value)) return value;
    return this.ids.find(([from]) => from === value)?.[1] ?? sanitized;
  }

  /** Equal etags stay equal, and keep their kind: a number in base64 for identities, eight bytes for twins. */
  private etag(value: string): string {
    const known = this.etags.get(value);
    if (known !== undefined) return known;
    const number = this.etags.size + 1;
    const isTwin = /^AAAAAA[A-Za-z0-9+/]{5}=$/.test(value);
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    const made = isTwin ? bytes.toString('base64') : Buffer.from(String(1_000_000 + number)).toString('base64');
    this.etags.set(value, made);
    return made;
  }
}

const memberName = (name: string) => (/^[$A-Za-z][A-Za-z0-9$]{0,40}$/.test(name) ? name : sanitized);
