import { describe, expect, test } from '@jest/globals';
import { workOnHub } from '../../../shared/worker/hubWorker.ts';
import { MortalProcess } from '../../support/mortalProcess.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
const secondMs = 1_000;

/** Instances that receive what is due in `hub-work` once a second. The message of a killed one does not come back (10 min). */
class Instances {
  readonly bench = new WorkerBench();
  running: { process: MortalProcess; work: Promise<void> }[] = [];

  constructor(devices: number) {
    for (let index = 0; index < devices; index++) this.bench.hub.addDevice(`device-${index}`);
  }

  async tick(): Promise<void> {
    const { clock, wakeUps } = this.bench;
    while (wakeUps.take(clock.elapsedMs())) this.receive();
    await clock.advance(secondMs);
  }

  receive(): void {
    const process = new MortalProcess(this.bench.deps);
    const work = workOnHub(process.deps).then(async (more) => {
      if (more) await this.bench.wakeUps.send(hub, 0);
    });
    this.running.push({ process, work });
  }

  killAll(): void {
    for (const { process } of this.running) process.kill();
    this.running = [];
  }

  async secondsUntil(isTrue: () => boolean | Promise<boolean>): Promise<number> {
    for (let seconds = 0; seconds < 900; seconds++) {
      if (await isTrue()) return seconds;
      await this.tick();
    }
    throw new Error('not within 900 s');
  }
}

describe('a hub whose worker was killed', () => {
  test.each([3, 14, 16, 62, 200])(
    'is taken up within 10 s of the end of the lease: in a sweep, after %i s',
    async (afterSeconds) => {
      const instances = new Instances(1_000);
      const { bench } = instances;
      const { runId } = await bench.start();
      await bench.wakeUps.send(hub, 0);
      for (let second = 0; second < afterSeconds; second++) await instances.tick();
      instances.killAll();
      const killedAtMs = bench.clock.now();
      await instances.secondsUntil(async () => !(await bench.leases.isHeld(hub)));
      expect(await instances.secondsUntil(() => bench.leases.isHeld(hub))).toBeLessThanOrEqual(10);
      expect(bench.clock.now() - killedAtMs).toBeLessThanOrEqual(70 * secondMs);
      await instances.secondsUntil(async () => (await bench.run(runId)).counts.created > 50 + afterSeconds);
      expect(instances.running).toHaveLength(1);
    },
  );

  test('is taken up within 10 s of the end of the lease: in a burst of events', async () => {
    const instances = new Instances(400);
    const { bench } = instances;
    for (let index = 0; index < 400; index++)
      await bench.pending.add(hub, { deviceId: `device-${index}`, tries: 0 }, 0);
    await bench.wakeUps.send(hub, 0);
    for (let second = 0; second < 40; second++) await instances.tick();
    instances.killAll();
    const made = bench.hub.modules.size;
    expect(made).toBeGreaterThan(0);
    await instances.secondsUntil(async () => !(await bench.leases.isHeld(hub)));
    expect(await instances.secondsUntil(() => bench.leases.isHeld(hub))).toBeLessThanOrEqual(10);
    await instances.secondsUntil(() => bench.hub.modules.size > made);
  });

  test.each([2, 9, 16, 31, 44])(
    'has the modules of the devices that its worker had taken after %i s within 90 s of its death',
    async (afterSeconds) => {
      const instances = new Instances(60);
      const { bench } = instances;
      const ids = [...bench.hub.devices.keys()];
      for (const deviceId of ids) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
      await bench.wakeUps.send(hub, 0);
      for (let second = 0; second < afterSeconds; second++) await instances.tick();
      const taken = ids.slice(0, bench.hub.modules.size + 20);
      instances.killAll();
      const withoutModule = () => taken.filter((deviceId) => !bench.hub.moduleOf(deviceId, agent));
      expect(withoutModule().length).toBeGreaterThan(0);
      // Until the lease has run out and a worker is there 64 s, then 20 creates at 50 a minute.
      expect(await instances.secondsUntil(() => withoutModule().length === 0)).toBeLessThanOrEqual(64 + 24 + 2);
    },
  );
});

describe('a hub with a worker', () => {
  test('has one guard, which is moved at each renewal and removed in the end', async () => {
    const instances = new Instances(1_000);
    const { bench } = instances;
    await bench.start();
    await bench.wakeUps.send(hub, 0);
    for (let second = 0; second < 200; second++) {
      await instances.tick();
      expect(bench.wakeUps.delayed).toHaveLength(1);
      const visibleInMs = (bench.wakeUps.delayed[0]?.dueMs ?? 0) - bench.clock.elapsedMs();
      expect(visibleInMs).toBeGreaterThan(45 * secondMs);
    }
    bench.stopping.abort();
    await bench.clock.advance(10 * secondMs);
    expect(bench.wakeUps.delayed).toEqual([]);
  });

  test('is worked on as well if no guard can be set', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 100; index++) bench.hub.addDevice(`device-${index}`);
    bench.wakeUps.sendDelayed = () => new Promise(() => undefined);
    const { runId } = await bench.start();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 100 } });
    const warnings = bench.log.lines.filter(({ message }) => message === 'The guard of a slice could not be set');
    expect(warnings).toHaveLength(1);
  });

  test('has a new guard within a renewal after one that became visible too early was dropped', async () => {
    const instances = new Instances(1_000);
    const { bench } = instances;
    await bench.start();
    await bench.wakeUps.send(hub, 0);
    for (let second = 0; second < 5; second++) await instances.tick();
    bench.wakeUps.delayed.length = 0;
    instances.receive();
    for (let second = 0; second < 16; second++) await instances.tick();
    expect(bench.wakeUps.delayed).toHaveLength(1);
  });
});
