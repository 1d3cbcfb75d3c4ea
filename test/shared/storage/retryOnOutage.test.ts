import { describe, expect, test } from '@jest/globals';
import { StaleDocumentError } from '../../../shared/storage/documents.ts';
import {
  outageDelayMs,
  retryingDocuments,
  retryingPending,
  retryingWakeUps,
  retryOnOutage,
} from '../../../shared/storage/retryOnOutage.ts';
import { failingWhile } from '../../support/failingWhile.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryDocuments, MemoryPending, MemoryWakeUps } from '../../support/memoryStorage.ts';

/** An outage of one minute, and a wait for it. */
function setUp() {
  const clock = new FakeClock();
  const outageEndMs = clock.now() + 60_000;
  const isDown = () => clock.now() < outageEndMs;
  const wait = (attempt: number) => clock.sleep(outageDelayMs(attempt));
  return { clock, isDown, wait, outageEndMs };
}

describe('retryOnOutage', () => {
  test('returns the result a few seconds after the end of the outage at most', async () => {
    const { clock, isDown, wait, outageEndMs } = setUp();
    const documents = retryingDocuments(failingWhile(isDown, new MemoryDocuments()), wait);
    const pending = retryingPending(failingWhile(isDown, new MemoryPending(clock)), wait);
    const wakeUps = new MemoryWakeUps(clock);
    const calls = [
      documents.read('a'),
      documents.readEtag('a'),
      documents.write('a', {}, undefined),
      documents.list('a'),
      documents.remove('b'),
      documents.writePart('c', 1, 'text'),
      documents.readPart('c', 1),
      documents.readText('d'),
      pending.add('contoso', { deviceId: 'a', tries: 0 }, 0),
      pending.hasVisible('contoso'),
      retryingWakeUps(failingWhile(isDown, wakeUps), wait).send('contoso', 0),
    ];
    await clock.run(Promise.all(calls));
    expect(clock.now()).toBeLessThan(outageEndMs + 6_000);
    expect(await documents.read('a')).toMatchObject({ value: {} });
    expect(wakeUps.sent).toHaveLength(1);
  });

  test.each([
    [{ code: 'ECONNREFUSED' }, true],
    [{ code: 'ETIMEDOUT' }, true],
    [{ code: 'REQUEST_SEND_ERROR' }, true],
    [{ statusCode: 503, code: 'ServerBusy' }, true],
    [{ statusCode: 500 }, true],
    [{ statusCode: 429 }, true],
    [{ statusCode: 403, code: 'AuthorizationFailure' }, false],
    [{ statusCode: 404 }, false],
    [{ statusCode: 400 }, false],
    [{}, false],
  ])('retries after the error %j: %s', async (fields, retries) => {
    let tries = 0;
    const call = async () => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error('storage refused the call'), fields);
      return 'served';
    };
    const outcome = await retryOnOutage(call, async () => {}).catch(() => 'thrown');
    expect([outcome, tries]).toEqual(retries ? ['served', 2] : ['thrown', 1]);
  });

  test('throws an error that is not an outage at once', async () => {
    const { wait } = setUp();
    const documents = retryingDocuments(new MemoryDocuments(), wait);
    await documents.write('a', {}, undefined);
    await expect(documents.write('a', {}, undefined)).rejects.toBeInstanceOf(StaleDocumentError);
  });

  test('rejects with the error of its wait', async () => {
    const { isDown } = setUp();
    const reason = new Error('the slice ended');
    const documents = retryingDocuments(failingWhile(isDown, new MemoryDocuments()), () => Promise.reject(reason));
    await expect(documents.read('a')).rejects.toBe(reason);
  });
});
