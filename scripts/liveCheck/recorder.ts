import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { HubReply, HubRequest } from './httpExchange.ts';
import { apiVersion } from './hubCalls.ts';
import type { RecordedExchange, Sanitizer } from './sanitizer.ts';

/** A recording contained a text that it must not contain: a defect of the sanitizer. This recording was not written. */
export class UnsafeRecordingError extends Error {
  constructor(name: string) {
    super(
      `The recording ${name} would have contained a key or the hub's name; it was not written. Please report this.`,
    );
    this.name = 'UnsafeRecordingError';
  }
}

/** Collects the exchanges of each claim, sanitized at once, and writes them as one file each. */
export class Recorder {
  private readonly sanitizer: Sanitizer;
  private readonly files = new Map<string, RecordedExchange[]>();
  private current: RecordedExchange[] = [];

  constructor(sanitizer: Sanitizer) {
    this.sanitizer = sanitizer;
  }

  /** Starts a recording: the exchanges added from now on belong to it. */
  begin(name: string): void {
    this.current = [];
    this.files.set(name, this.current);
  }

  /** A repeat of the exchange before, such as a poll with the same answer, is dropped. */
  add(request: HubRequest, reply: HubReply): void {
    const exchange = this.sanitizer.exchange(request, reply);
    if (!isDeepStrictEqual(this.current.at(-1), exchange)) this.current.push(exchange);
  }

  /**
   * Writes a file for each name with exchanges, and returns the file names. Throws `UnsafeRecordingError` if one contained any of
   * `secrets`, and what the file system throws.
   */
  async write(folder: string, recorded: string, secrets: readonly string[]): Promise<string[]> {
    await mkdir(folder, { recursive: true });
    const written: string[] = [];
    for (const [name, exchanges] of this.files) {
      if (exchanges.length === 0) continue;
      const file = { source: `live check of Module keeper: ${name}`, recorded, apiVersion, exchanges };
      const text = `${JSON.stringify(file, null, 2)}\n`;
      if (secrets.some((secret) => text.includes(secret))) throw new UnsafeRecordingError(name);
      await writeFile(join(folder, `${name}.json`), text);
      written.push(`${name}.json`);
    }
    return written;
  }
}
