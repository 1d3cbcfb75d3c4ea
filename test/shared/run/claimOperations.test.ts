import { describe, expect, test } from '@jest/globals';
import { type Claim, claimOperations } from '../../../shared/run/claimOperations.ts';
import { readHubDocument, updateHubDocument } from '../../../shared/run/hubDocument.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryDocuments } from '../../support/memoryStorage.ts';
import { hubConfig } from '../hub/hubConfig.ts';

const minuteMs = 60_000;

/** An S1 hub of which 50 operations a minute are granted; the intake may use 25 of them. */
function setUp() {
  const clock = new FakeClock();
  const documents = new MemoryDocuments();
  const hub = hubConfig({ name: 'contoso', budgetPercent: 50 });
  const claim = (cost = 1, from = documents) => clock.run(claimOperations({ documents: from, clock }, hub, cost));
  return { clock, documents, hub, claim };
}

function givenOf(claims: readonly Claim[]): number {
  return claims.filter(({ given }) => given).length;
}

describe('claimOperations', () => {
  test('gives half of the granted operations of a minute, whoever asks, and says when there is room again', async () => {
    const { clock, claim } = setUp();
    const claims: Claim[] = [];
    for (let count = 0; count < 40; count++) claims.push(await claim());
    expect(givenOf(claims)).toBe(25);
    const refused = claims.at(-1);
    if (!refused || refused.given) throw new Error('more was given than is granted');
    await clock.advance(refused.retryAfterMs - 1);
    expect(await claim()).toMatchObject({ given: false });
    await clock.advance(1);
    expect(await claim()).toEqual({ given: true });
  });

  test('gives no more to forty processes that ask at the same moment', async () => {
    const { clock, documents, hub } = setUp();
    const all = Array.from({ length: 40 }, () => claimOperations({ documents, clock }, hub, 1));
    expect(givenOf(await clock.run(Promise.all(all)))).toBeLessThanOrEqual(25);
    const registry = (await readHubDocument(documents, 'contoso')).spending?.registry;
    expect(registry?.lastMinute.reduce((sum, [, cost]) => sum + cost, 0)).toBeLessThanOrEqual(25);
  });

  test('counts what the worker has spent in the last minute', async () => {
    const { clock, documents, claim } = setUp();
    const nowMs = clock.now();
    const registry = {
      atMs: nowMs,
      paidAtMs: nowMs,
      rateSinceMs: nowMs,
      lastMinute: [[nowMs, 24]] as [number, number][],
    };
    await updateHubDocument(documents, 'contoso', (document) => ({ ...document, spending: { registry } }));
    expect(await claim()).toEqual({ given: true });
    expect(await claim()).toMatchObject({ given: false, retryAfterMs: minuteMs });
  });

  test('gives nothing while a slice has the account of spent operations', async () => {
    const { documents, claim } = setUp();
    await updateHubDocument(documents, 'contoso', (document) => ({ ...document, wokenAt: '2026-11-29T02:00:00.000Z' }));
    expect(await claim()).toMatchObject({ given: false });
    expect((await readHubDocument(documents, 'contoso')).spending).toBeUndefined();
  });

  test('gives operations of a hub that is only watched: no slice has begun on it', async () => {
    const { documents, claim } = setUp();
    const watchedSince = '2026-11-29T02:00:00.000Z';
    await updateHubDocument(documents, 'contoso', (document) => ({ ...document, watchedSince }));
    expect(await claim()).toEqual({ given: true });
  });

  test('gives less of a hub that throttled the worker, but never nothing at all', async () => {
    const { documents, clock, claim } = setUp();
    const rates = async (registry: number) => {
      const nowMs = clock.now();
      const spending = { registry: { atMs: nowMs, paidAtMs: nowMs, rateSinceMs: nowMs, lastMinute: [] } };
      const learnedRates = { registry };
      await updateHubDocument(documents, 'contoso', (document) => ({ ...document, learnedRates, spending }));
    };
    await rates(8);
    expect(givenOf([await claim(), await claim(), await claim(), await claim(), await claim()])).toBe(4);
    await clock.advance(2 * minuteMs);
    await rates(1.5);
    expect(givenOf([await claim(), await claim()])).toBe(1);
  });

  test('gives nothing that storage confirms later than a second: the account would date it too early', async () => {
    const { clock, documents, claim } = setUp();
    class SlowDocuments extends MemoryDocuments {
      override async write(path: string, value: unknown, etag: string | undefined): Promise<string> {
        await clock.sleep(1_500);
        return documents.write(path, value, etag);
      }
    }
    expect(await claim(1, new SlowDocuments())).toMatchObject({ given: false });
  });

  test('throws an error of storage', async () => {
    const { claim } = setUp();
    class BrokenDocuments extends MemoryDocuments {
      override read(): Promise<undefined> {
        return Promise.reject(new Error('no storage'));
      }
    }
    await expect(claim(1, new BrokenDocuments())).rejects.toThrow('no storage');
  });
});
