import { describe, expect, test } from '@jest/globals';
import { parsePolicy } from '../../../shared/config/parsePolicy.ts';
import { NoPolicyError } from '../../../shared/policyStore/policyReader.ts';
import { logPolicyProblems, PolicyStore } from '../../../shared/policyStore/policyStore.ts';
import { maxPolicyBytes } from '../../../shared/policyStore/standing.ts';
import { StaleDocumentError } from '../../../shared/storage/documents.ts';
import { failingWhile } from '../../support/failingWhile.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { MemoryDocuments } from '../../support/memoryStorage.ts';
import { agent, spec } from '../../support/policy.ts';

const camera = '[{"moduleId":"camera"}]';
const broken = '[{"moduleId":"camera","selct":{}},{"moduleId":"$edgeAgent"}]';
const lastValid = 'policy.lastValid.json';

/** Storage and a clock that several processes share. */
class Bench {
  readonly documents = new MemoryDocuments();
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  isDown = false;
  reads = 0;
  hangMs = 0;

  /** A process of the app. */
  process(setting?: string): PolicyStore {
    const storage = failingWhile(() => this.isDown, this.documents);
    const readTextUnless: MemoryDocuments['readTextUnless'] = async (path, etag, max) => {
      if (path === 'policy.json') this.reads += 1;
      await this.clock.sleep(this.hangMs);
      return storage.readTextUnless(path, etag, max);
    };
    const read = setting === undefined ? undefined : parsePolicy(setting);
    return new PolicyStore({
      setting: read?.ok ? { policy: read.value, written: JSON.parse(setting ?? '') } : undefined,
      documents: Object.assign(Object.create(storage), { readTextUnless }) as MemoryDocuments,
      clock: this.clock,
    });
  }

  put(text: string): string {
    return this.documents.putBlob('policy.json', text);
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.clock.run(work);
  }

  current(store: PolicyStore) {
    return this.run(store.current(this.log));
  }

  fresh(store: PolicyStore) {
    return this.run(store.fresh(this.log));
  }

  lines(level: string) {
    return this.log.lines.filter((line) => line.level === level);
  }
}

const modulesOf = ({ policy }: { policy: readonly { moduleId: string }[] }) => policy.map(({ moduleId }) => moduleId);

describe('the policy in force', () => {
  test('is the default if neither a setting nor policy.json is there', async () => {
    const bench = new Bench();
    expect(await bench.fresh(bench.process())).toMatchObject({ source: 'default', policy: [spec()] });
  });

  test('is that of policy.json, with its ETag', async () => {
    const bench = new Bench();
    const etag = bench.put(camera);
    const inForce = await bench.fresh(bench.process());
    expect(inForce).toMatchObject({ source: 'blob', etag });
    expect(modulesOf(inForce)).toEqual(['camera']);
  });

  test('is that of the setting if both are there, and storage is not read', async () => {
    const bench = new Bench();
    bench.put(camera);
    bench.isDown = true;
    const store = bench.process(`[{"moduleId":"${agent}"}]`);
    for (const inForce of [await bench.fresh(store), await bench.current(store)]) {
      expect(inForce).toMatchObject({ source: 'setting', policy: [spec()] });
      expect(inForce.etag).toBeUndefined();
    }
    expect(bench.reads).toBe(0);
  });

  test('has the same fingerprint wherever it stands', async () => {
    const bench = new Bench();
    const inSetting = await bench.fresh(bench.process(camera));
    bench.put(`\uFEFF ${camera}\n`);
    expect((await bench.fresh(bench.process())).fingerprint).toBe(inSetting.fingerprint);
  });

  test('is read at most once a minute for events and requests, and anew for every slice', async () => {
    const bench = new Bench();
    bench.put(camera);
    const store = bench.process();
    await bench.run(Promise.all(Array.from({ length: 20 }, () => store.current(bench.log))));
    expect(bench.reads).toBe(1);
    bench.put('[{"moduleId":"radio"}]');
    await bench.clock.advance(59_000);
    expect(modulesOf(await bench.current(store))).toEqual(['camera']);
    expect(modulesOf(await bench.fresh(store))).toEqual(['radio']);
    expect(modulesOf(await bench.current(store))).toEqual(['radio']);
    expect(bench.reads).toBe(2);
    bench.put(camera);
    await bench.clock.advance(60_000);
    expect(modulesOf(await bench.current(store))).toEqual(['camera']);
  });

  test('becomes the default again when policy.json is removed', async () => {
    const bench = new Bench();
    bench.put(camera);
    const store = bench.process();
    await bench.fresh(store);
    await bench.documents.remove('policy.json');
    for (const process of [store, bench.process()])
      expect(await bench.fresh(process)).toMatchObject({ source: 'default', policy: [spec()] });
  });
});

describe('an invalid policy.json', () => {
  test('an invalid policy.json leaves the previous policy in force, also in new processes, and every problem is reported', async () => {
    const bench = new Bench();
    const etag = bench.put(camera);
    const store = bench.process();
    const before = await bench.fresh(store);
    bench.put(broken);
    for (const process of [store, bench.process(), bench.process()]) {
      expect(await bench.fresh(process)).toEqual(before);
      const { problems } = await bench.run(process.standing(bench.log));
      expect(problems.map(({ setting }) => setting)).toEqual(['policy.json[0]', 'policy.json[1].moduleId']);
    }
    expect(before.etag).toBe(etag);
    const [line] = bench.lines('error');
    expect(line).toMatchObject({
      message: 'policy.json is invalid; the policy before it stays in force',
      fields: { setting: 'policy.json[0]', message: expect.stringContaining('did you mean select?') },
    });
    expect(bench.lines('error')).toHaveLength(6); // two problems in each of three processes, once
  });

  test('the policy that another process read last stays in force, also if this process knows an older policy', async () => {
    const bench = new Bench();
    bench.put(camera);
    const idle = bench.process();
    await bench.fresh(idle);
    bench.put('[{"moduleId":"radio"}]');
    await bench.fresh(bench.process());
    bench.put(broken);
    expect(modulesOf(await bench.fresh(idle))).toEqual(['radio']);
  });

  test('an invalid policy.json leaves the default in force if the default was in force before', async () => {
    const bench = new Bench();
    await bench.fresh(bench.process());
    bench.put(broken);
    expect(await bench.fresh(bench.process())).toMatchObject({ source: 'default' });
  });

  test.each([
    ['is not JSON', '{', 'is not JSON'],
    ['is empty', '', 'is not JSON'],
    ['names no module', '[]', 'write a list'],
    ['is too long', `[{"moduleId":"${'x'.repeat(maxPolicyBytes)}"}]`, 'has more than 2097152 bytes'],
  ])('that %s gives no policy if none was ever valid, and says what to write', async (_what, text, message) => {
    const bench = new Bench();
    bench.put(text);
    const store = bench.process();
    for (const read of [() => bench.fresh(store), () => bench.current(store)]) {
      const error: unknown = await read().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(NoPolicyError);
      expect((error as NoPolicyError).problems[0]?.setting).toMatch(/^policy\.json/);
      expect((error as NoPolicyError).problems[0]?.message).toContain(message);
    }
    logPolicyProblems(await bench.run(store.standing(bench.log)), bench.log);
    expect(bench.lines('error').at(-1)?.message).toMatch(/nothing is created$/);
    bench.put(camera);
    expect(modulesOf(await bench.fresh(store))).toEqual(['camera']);
  });

  test('quotes nothing of the text', async () => {
    const bench = new Bench();
    bench.put('[{"moduleId":"HostName=x;SharedAccessKey=abc=","SharedAccessKey=abc=":1}]');
    const error: unknown = await bench.fresh(bench.process()).catch((thrown: unknown) => thrown);
    expect(JSON.stringify([error, (error as NoPolicyError).problems, bench.log.lines])).not.toContain('abc=');
  });

  test.each(['{', '[]', '{"source":"blob","etag":"x","policy":[{"moduleId":"$x"}]}', '{"source":"other"}'])(
    'is not replaced by a last valid policy %s that is not understood, and the next valid one is kept',
    async (text) => {
      const bench = new Bench();
      bench.documents.putBlob(lastValid, text);
      bench.put(broken);
      await expect(bench.fresh(bench.process())).rejects.toThrow(NoPolicyError);
      bench.put(camera);
      await bench.fresh(bench.process());
      bench.put(broken);
      expect(modulesOf(await bench.fresh(bench.process()))).toEqual(['camera']);
    },
  );
});

describe('during an outage of storage', () => {
  test('the policy that was read stays in force, and storage is asked once a minute', async () => {
    const bench = new Bench();
    bench.put(camera);
    const store = bench.process();
    await bench.fresh(store);
    bench.isDown = true;
    await bench.clock.advance(60_000);
    for (let times = 0; times < 5; times++) expect(modulesOf(await bench.current(store))).toEqual(['camera']);
    expect(bench.reads).toBe(2);
    expect(bench.lines('warn')).toHaveLength(1);
    expect(modulesOf(await bench.fresh(store))).toEqual(['camera']);
  });

  test('a process that has read no policy has none, not the default', async () => {
    const bench = new Bench();
    bench.isDown = true;
    const store = bench.process();
    await expect(bench.current(store)).rejects.toThrow();
    await expect(bench.fresh(store)).rejects.toThrow();
    bench.isDown = false;
    expect(await bench.current(store)).toMatchObject({ source: 'default' });
  });

  test('a read that hangs costs an event three seconds at most', async () => {
    const bench = new Bench();
    bench.put(camera);
    const known = bench.process();
    await bench.fresh(known);
    bench.hangMs = 15_000;
    await bench.clock.advance(60_000);
    const from = bench.clock.elapsedMs();
    expect(modulesOf(await bench.current(known))).toEqual(['camera']);
    await expect(bench.current(bench.process())).rejects.toMatchObject({ name: 'TimeLimitError' });
    expect(bench.clock.elapsedMs() - from).toBe(6_000);
  });
});

describe('writing policy.json', () => {
  const policy = (text: string) => {
    const read = parsePolicy(text);
    if (!read.ok) throw new Error('not a policy');
    return { policy: read.value, written: JSON.parse(text) as unknown };
  };

  test('creates it once, replaces only the version that the caller names, and takes effect at once', async () => {
    const bench = new Bench();
    const store = bench.process();
    await bench.run(store.write(policy(camera), undefined));
    const { etag } = await bench.fresh(store);
    await expect(bench.run(store.write(policy('[{"moduleId":"a"}]'), undefined))).rejects.toThrow(StaleDocumentError);
    await bench.run(store.write(policy('[{"moduleId":"b"}]'), etag));
    await expect(bench.run(store.write(policy('[{"moduleId":"c"}]'), etag))).rejects.toThrow(StaleDocumentError);
    expect(modulesOf(await bench.fresh(store))).toEqual(['b']);
  });

  test('shows no older policy as the one that was written, if storage fails after the write', async () => {
    const bench = new Bench();
    const store = bench.process();
    await bench.run(store.write(policy(camera), undefined));
    const { etag } = await bench.fresh(store);
    await bench.run(store.write(policy('[{"moduleId":"b"}]'), etag));
    bench.isDown = true;
    await expect(bench.run(store.standingNow(bench.log))).rejects.toThrow();
    bench.isDown = false;
    await bench.run(store.write(policy('[{"moduleId":"b"}]'), etag)); // the caller sends the same request again
    expect((await bench.run(store.standingNow(bench.log))).inForce).toMatchObject({ policy: [{ moduleId: 'b' }] });
  });

  test('succeeds if the same is there already, as after a lost response', async () => {
    const bench = new Bench();
    const store = bench.process();
    for (let times = 0; times < 2; times++) await bench.run(store.write(policy(camera), undefined));
    expect(modulesOf(await bench.fresh(store))).toEqual(['camera']);
  });
});
