import { mkdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import type { HubStatus } from '../../shared/api/statusSchemas.ts';
import { agent, keys, TestCloud } from '../e2e/testCloud.ts';
import { startBrowser } from './browser.ts';
import { covered, fortyHubs, lacking, running, statusOf } from './statuses.ts';

/** What a browser test may take; for hangs only. */
const hangMs = 60_000;
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = 'out/screenshots';

describe('the status page', () => {
  let cloud: TestCloud;
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  /** What the browser said of the page, and the addresses that it called. */
  const complaints: string[] = [];
  const addresses: string[] = [];

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    browser = await startBrowser();
    cloud = await TestCloud.start({
      seed: ({ hub }) => seedDevices(hub, { count: 40, mix: { disabled: 0.2 } }),
      settings: { 'AzureWebJobs.watchHubs.Disabled': 'true', 'AzureWebJobs.nightlySweep.Disabled': 'true' },
    });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    // Nothing that the policy forbids was tried, no script failed, and no address had the key.
    expect(complaints.splice(0)).toEqual([]);
    expect(addresses.splice(0).filter((address) => address.includes(keys.host))).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await cloud.cloud.close();
  });

  const pageUrl = () => `${cloud.cloud.host.url}/api/status/page`;

  /** A test in a browser; without one it ends at once, which `startBrowser` has said. */
  function inBrowser(name: string, run: (open: typeof openPage) => Promise<void>): void {
    test(name, async () => {
      if (browser) await run(openPage);
    });
  }

  /** A new window at the page, signed in by the address; `hubs` in place of what the app would answer. */
  async function openPage(
    hubs?: HubStatus[],
    options: BrowserContextOptions = {},
    hash = `#code=${encodeURIComponent(keys.host)}`,
  ): Promise<Page> {
    if (!browser) throw new Error('no browser');
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    contexts.push(context);
    context.setDefaultTimeout(hangMs);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // The browser itself logs each response of 400 and above.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    page.on('request', (request) => addresses.push(request.url(), request.headers().referer ?? ''));
    if (hubs) await page.route('**/api/status', (route) => route.fulfill({ json: statusOf(hubs) }));
    await page.goto(pageUrl() + hash);
    if (hash !== '') await page.locator('#signedIn').waitFor();
    return page;
  }

  /** Serious and critical violations by axe. */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      });
      return violations.map(
        ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
      );
    });
    return found.filter((one) => /^(serious|critical)/.test(one));
  }

  const hubNames = (page: Page) => page.locator('#hubs .name').allTextContents();

  test('is served without data, may load nothing from elsewhere, and is kept by no cache', async () => {
    for (const [path, key] of [
      ['/api/status/page', ''],
      ['/api/status', keys.host],
    ] as const) {
      const { status, headers, text } = await cloud.call('GET', path, undefined, key, {
        accept: 'text/html,*/*;q=0.8',
      });
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
        expect(policy.split('; ')).toContain(part);
      }
      expect(policy).not.toContain('unsafe');
      expect(text).not.toContain('contoso');
      // The namespace of SVG is the only address.
      expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/\bon\w+="|https?:|\bsrc=|style="/);
    }
    expect((await cloud.call('GET', '/api/status', undefined, '', { accept: 'text/html' })).status).toBe(401);
    expect((await cloud.call('GET', '/api/status', undefined, keys.host, { accept: 'image/png' })).status).toBe(406);
    const json = await cloud.call('GET', '/api/status', undefined, keys.host, { accept: '*/*' });
    expect(json.headers.get('content-type')).toContain('application/json');
    expect(json.headers.get('vary')).toBe('accept');
  });

  inBrowser('takes the key from the address and removes it from there', async (open) => {
    const page = await open();
    expect(page.url()).toBe(pageUrl());
    expect(await hubNames(page)).toEqual(['contoso']);
    expect(
      await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie, history.length]),
    ).toEqual([0, 0, '', 2]);
    await page.reload();
    await page.locator('#key').waitFor();
    expect(await page.content()).not.toContain('contoso');
  });

  inBrowser('asks for the key, says that it is wrong, keeps it only if asked, and forgets it', async (open) => {
    const page = await open(undefined, {}, '');
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Key', { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The key is not valid').waitFor();
    await page.getByLabel('Key', { exact: true }).fill(keys.host);
    await page.getByLabel(/Keep it/).check();
    await page.getByRole('button', { name: 'Show the status' }).click();
    await page.locator('.hub').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
    await page.reload();
    await page.locator('.hub').waitFor();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await page.locator('#key').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(await page.locator('.hub').count()).toBe(0);
  });

  inBrowser(
    'starts a dry run and shows its list, a sweep after a confirmation, and the failures with advice',
    async (open) => {
      const page = await open();
      await page.getByRole('button', { name: 'Dry run' }).click();
      await page.getByRole('status').getByText('The dry run of contoso was started.').waitFor();
      await runsEnd();
      await page.getByRole('button', { name: 'Refresh', exact: true }).click();
      await page.getByText('Table of 1 run').click();
      await page.getByRole('button', { name: /^Changes/ }).click();
      await page.getByRole('heading', { name: 'Changes of the dry run' }).waitFor();
      expect(await page.locator('.list tbody tr').count()).toBeGreaterThan(5);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save as CSV' }).click(),
      ]);
      expect(readFileSync(await download.path(), 'utf8')).toMatch(/^deviceId,moduleId,outcome,reason\r\n/);
      const modules = () => [...cloud.hub.devices()].reduce((sum, { moduleIds }) => sum + moduleIds.length, 0);
      const before = modules();

      await page.getByRole('button', { name: 'Sweep…' }).click();
      await page.getByRole('dialog', { name: 'Sweep contoso?' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      expect(JSON.parse((await cloud.call('GET', '/api/sweeps')).text).runs).toHaveLength(1);
      expect(modules()).toBe(before);

      await page.getByRole('button', { name: 'Sweep…' }).click();
      await page.getByRole('button', { name: 'Start the sweep' }).click();
      await page.getByRole('status').getByText('The sweep of contoso was started.').waitFor();
      await runsEnd();
      expect(modules()).toBeGreaterThan(before);
      await page.getByRole('button', { name: 'Refresh', exact: true }).click();
      await page.getByText('Enable it').waitFor();
      await page.getByRole('button', { name: /devices of contoso blocked/ }).click();
      await page.getByRole('heading', { name: 'Failed and blocked devices' }).waitFor();
      expect(await page.locator('.list tbody tr').first().textContent()).toContain('disabled');
      expect(await violations(page)).toEqual([]);
    },
  );

  inBrowser('shows one missing module among a hundred thousand in the coverage bar', async (open) => {
    const hub = covered('contoso');
    if (!hub.coverage) throw new Error('no coverage');
    const counts = { ...hub.coverage.counts, withModule: 99_999, missing: 1, excluded: {}, blocked: {} };
    const page = await open([{ ...hub, coverage: { ...hub.coverage, counts }, pending: 0 }]);
    const bar = await page.locator('summary svg.coverage').boundingBox();
    const part = await page.locator('summary svg.coverage .part-missing').boundingBox();
    expect(part?.width).toBeGreaterThan(0.5);
    expect((part?.x ?? 0) + (part?.width ?? 0)).toBeLessThanOrEqual((bar?.x ?? 0) + (bar?.width ?? 0) + 0.5);
  });

  inBrowser('cancels a live run after a confirmation', async (open) => {
    // The listing waits at the hub, so that the run stays live.
    cloud.cloud.emulator.faults.add({ kind: 'status', status: 503, operation: 'query' });
    try {
      const page = await open();
      await page.getByRole('button', { name: 'Sweep…' }).click();
      await page.getByRole('button', { name: 'Start the sweep' }).click();
      await page.getByRole('button', { name: 'Cancel the run…' }).click();
      await page.getByRole('button', { name: 'Cancel the run', exact: true }).click();
      await page.getByRole('status').getByText('The run of contoso is cancelled.').waitFor();
      const { runs } = JSON.parse((await cloud.call('GET', '/api/sweeps')).text);
      expect(runs[0].status).toBe('cancelled');
    } finally {
      cloud.cloud.emulator.faults.clear();
    }
  });

  inBrowser('looks a device up and ensures it after a confirmation', async (open) => {
    const deviceId = "a'b*(y)!$@=;,:.+%2F#?";
    cloud.hub.createDevice({ deviceId });
    const has = () => [...cloud.hub.devices()].find((one) => one.deviceId === deviceId)?.moduleIds;
    const page = await open();
    await page.getByLabel('Device id').fill('nobody');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('device', { exact: false }).first().waitFor();
    await page.getByLabel('Device id').fill(deviceId);
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.locator('#device').getByText('missing').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
    await page.getByRole('button', { name: 'Ensure now…' }).click();
    await page.getByRole('button', { name: 'Do not' }).click();
    expect(has()).toEqual([]);
    await page.getByRole('button', { name: 'Ensure now…' }).click();
    await page.getByRole('button', { name: 'Ensure now', exact: true }).click();
    await page.locator('#device').getByText('created').waitFor();
    expect(has()).toEqual([agent]);
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.locator('#device').getByText('present').waitFor();
    await page.locator('#device').getByText('Connected').waitFor();
  });

  inBrowser('looks a device up on every hub, and says which hubs could not be asked', async (open) => {
    const page = await open(['one', 'two', 'three'].map((name) => covered(name)));
    const problem = (status: number, type: string) => ({
      status,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: `urn:module-keeper:${type}`, title: `It is ${type}.`, status, detail: '' }),
    });
    await page.route('**/hubs/one/devices/**', (route) => route.fulfill(problem(404, 'unknown-device')));
    await page.route('**/hubs/three/devices/**', (route) => route.fulfill(problem(503, 'hub-throttled')));
    await page.route('**/hubs/two/devices/**', (route) =>
      route.fulfill({ json: { hub: 'two', deviceId: 'pump', modules: [{ moduleId: agent, state: 'present' }] } }),
    );
    const shown = page.locator('#device');
    await page.getByLabel('Device id').fill('pump');
    await page.getByRole('button', { name: 'Ensure now…' }).click();
    await shown.getByText('Choose the hub of the device first').waitFor();
    await page.getByRole('button', { name: 'Look up' }).click();
    await shown.getByText('on two').waitFor();
    await shown.getByText('three could not be asked: It is hub-throttled.').waitFor();
    expect(await shown.getByText('one', { exact: true }).count()).toBe(0);
    await page.unroute('**/hubs/two/devices/**');
    await page.route('**/hubs/two/devices/**', (route) => route.fulfill(problem(404, 'unknown-device')));
    await page.getByRole('button', { name: 'Look up' }).click();
    await shown.getByText('No hub that could be asked has the device pump.').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  inBrowser(
    'shows no hub, and forty with the worst first, without a serious violation of accessibility rules',
    async (open) => {
      const none = await open([]);
      await none.getByText('The settings have no hub.').waitFor();
      expect(await violations(none)).toEqual([]);
      const many = await open(fortyHubs());
      expect((await hubNames(many)).slice(0, 5)).toEqual([
        ...[
          'plant-18-westeurope',
          'plant-04-westeurope',
          'plant-21-westeurope',
          'plant-32-westeurope',
          'plant-26-westeurope',
        ],
      ]);
      expect(await many.locator('.hub').count()).toBe(40);
      expect(await violations(many)).toEqual([]);
    },
  );

  inBrowser('shows a running, a failed and a cancelled run', async (open) => {
    const page = await open([running('contoso')]);
    const live = page.locator('.run');
    await live.getByText('13,500 of 40,000').waitFor();
    for (const text of ['675 devices a minute', 'The hub throttles', 'in 40 min', '2 min'])
      await live.getByText(text).waitFor();
    await page.getByText('36,100 healthy, 140 failed, 1,760 silent').waitFor();
    await page.getByText('collectors_process (130)').waitFor();
    await page.getByText('wave 2 of 4, held. Too many failed.').waitFor();
    await page.getByText('Table of 30 runs').click();
    expect(await page.locator('.run-failed').count()).toBeGreaterThan(0);
    expect(await page.locator('.run-cancelled').count()).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);
  });

  inBrowser('does not take an undo for a sweep', async (open) => {
    const hub = covered('contoso');
    const [newest] = hub.runs;
    if (!newest) throw new Error('no run');
    const undo = { runId: '20261129T085900Z-0000', startedBy: 'undo', exemptions: null } as const;
    const page = await open([{ ...hub, runs: [{ ...newest, ...undo }, ...hub.runs] }]);
    await page.getByText('3 within 14 days').waitFor();
    await page.getByText('Table of 31 runs').click();
    expect(await page.locator(`tr[data-key="${undo.runId}"] td`).first().textContent()).toBe('undo');
  });

  inBrowser('says that a dry run lets the next sweep remove what it names', async (open) => {
    const hub = covered('contoso');
    const [newest] = hub.runs;
    if (!newest) throw new Error('no run');
    const page = await open([{ ...hub, runs: [{ ...newest, runId: '20261129T085900Z-0000', dryRun: true }] }]);
    let outcome = 'removed';
    await page.route('**/changes', (route) =>
      route.fulfill({
        contentType: 'application/x-ndjson',
        body: `${JSON.stringify({ deviceId: 'pump', moduleId: 'azureiotsecurity', outcome })}\n`,
      }),
    );
    await page.getByText('Table of 1 run').click();
    const show = () => page.getByRole('button', { name: /^Changes of the dry run/ }).click();
    await show();
    await page.getByText('A sweep that begins within 24 hours after this dry run, also the nightly one').waitFor();
    outcome = 'created';
    await show();
    await page.locator('.list').getByText('created').waitFor();
    expect(await page.getByText('also the nightly one').count()).toBe(0);
  });

  inBrowser('keeps hubs apart that have no name yet', async (open) => {
    const nameless = (setting: string): HubStatus => ({
      ...covered('none'),
      ...{ hub: null, outOfService: [{ setting, message: 'Write the name.' }], coverage: null, runs: [] },
    });
    const hubs = [nameless('HUBS[0].name'), nameless('HUBS[1].name')];
    const page = await open(hubs);
    const shown = () => page.locator('#hubs .hub').evaluateAll((cards) => cards.map((card) => card.textContent));
    const before = await shown();
    expect(before.map((text) => /HUBS.0/.test(text))).toEqual([true, false]);
    for (const hub of hubs) hub.outOfService?.push({ setting: 'HUBS', message: 'Another problem.' });
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await page.getByText('Another problem.').nth(1).waitFor({ state: 'attached' });
    expect((await shown()).map((text) => /HUBS.0/.test(text))).toEqual([true, false]);
  });

  inBrowser('shows 5,000 failures a hundred at a time', async (open) => {
    const page = await open([lacking('contoso', 5_000, { disabled: 120 })]);
    await page.route('**/failures?*', (route) =>
      route.fulfill({
        contentType: 'application/x-ndjson',
        body: Array.from({ length: 5_000 }, (_, index) =>
          JSON.stringify({
            deviceId: `pump-${index}`,
            moduleId: agent,
            outcome: 'failed',
            reason: 'ThrottlingException',
            advice: 'Wait.',
          }),
        ).join('\n'),
      }),
    );
    await page.getByRole('button', { name: /failed for ThrottlingException/ }).click();
    await page.getByText('5,000 lines.').waitFor();
    expect(await page.locator('.list tbody tr').count()).toBe(100);
    await page.getByRole('button', { name: 'Show 100 more of 4900' }).click();
    expect(await page.locator('.list tbody tr').count()).toBe(200);
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    expect(await page.locator('.list tbody tr').count()).toBe(200);
    expect(await violations(page)).toEqual([]);
  });

  inBrowser('shows markup in every text as text', async (open) => {
    const evil = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>';
    const evilly = <T>(value: T): T =>
      JSON.parse(
        JSON.stringify(value, (_, inner) =>
          typeof inner === 'string' && /[ .]/.test(inner) && !/^\d{4}-/.test(inner) ? evil + inner : inner,
        ),
      );
    const hub = evilly(lacking('contoso', 5, { disabled: 1, [evil]: 2 }));
    const page = await open([{ ...hub, hub: evil, waitingFor: evil, liveRun: running(evil).liveRun }]);
    await page.route('**/failures?*', (route) =>
      route.fulfill({
        contentType: 'application/x-ndjson',
        body: JSON.stringify({ deviceId: evil, moduleId: evil, outcome: 'failed', reason: evil, advice: evil }),
      }),
    );
    await page.getByRole('button', { name: 'Show the devices' }).or(page.locator('[data-do=failures]')).first().click();
    await page.locator('.list tbody tr').waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await page.locator('.list td').first().textContent()).toBe(evil);
  });

  inBrowser('keeps focus, scroll position, open parts and typed text when it refreshes', async (open) => {
    const page = await open(fortyHubs());
    const third = page.locator('.hub').nth(2);
    await third.locator('summary').first().click();
    await third.getByRole('button', { name: 'Dry run' }).focus();
    await page.getByLabel('Device id').fill('half-typ');
    await third.getByRole('button', { name: 'Dry run' }).focus();
    await page.evaluate(() => {
      scrollTo(0, 400);
      Object.assign(document.querySelector('.hub') ?? {}, { mark: 'the same element' });
    });
    await page.unroute('**/api/status');
    const changed = fortyHubs().map((hub) => (hub.coverage ? { ...hub, pending: 77 } : hub));
    await page.route('**/api/status', (route) =>
      route.fulfill({ json: { ...statusOf(changed), at: '2026-11-29T09:01:00.000Z' } }),
    );
    const answered = page.waitForResponse('**/api/status');
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await answered;
    await third.getByText('about 77').first().waitFor();
    const now = await page.evaluate(() => ({
      focus: (document.activeElement as HTMLElement).dataset.do,
      top: scrollY,
      mark: (document.querySelector('.hub') as unknown as { mark: string }).mark,
    }));
    expect(now).toEqual({ focus: 'dryRun', top: 400, mark: 'the same element' });
    expect(await page.getByLabel('Device id').inputValue()).toBe('half-typ');
    expect(await third.getAttribute('open')).toBe('');
  });

  inBrowser('can be used by keyboard alone', async (open) => {
    const page = await open([lacking('contoso', 12, { disabled: 3 })]);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the hubs');
    const reached = new Set<string>();
    for (let presses = 0; presses < 25; presses++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement?.textContent ?? ''));
    }
    for (const name of ['Refresh', 'Look up', 'Ensure now…', 'Sweep…', 'Dry run', 'Show the devices'])
      expect([...reached]).toContain(name);
  });

  inBrowser('says that the app cannot be reached, and keeps what it showed', async (open) => {
    const page = await open([covered('contoso')]);
    await page.unroute('**/api/status');
    await page.route('**/api/status', (route) => route.abort());
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await page.getByRole('alert').getByText('The app cannot be reached.').waitFor();
    expect(await hubNames(page)).toEqual(['contoso']);
  });

  inBrowser('goes on after answers that are none of the app, and ends the alert when the app is back', async (open) => {
    const page = await open([covered('contoso')]);
    await page.clock.install();
    await page.unroute('**/api/status');
    await page.route('**/api/status', (route) => route.fulfill({ status: 200, body: '<html>proxy</html>' }));
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await page.getByRole('alert').getByText('The answer is not one of the app.').waitFor();
    expect(await page.locator('#fresh').getAttribute('class')).toContain('stale');
    await page.unroute('**/api/status');
    await page.route('**/api/status', (route) => route.fulfill({ json: statusOf([covered('fabrikam')]) }));
    await page.clock.runFor(31_000);
    await page.locator('#hubs').getByText('fabrikam').first().waitFor();
    expect(await page.locator('#problem').textContent()).toBe('');
    expect(await page.locator('#fresh').getAttribute('class')).not.toContain('stale');
  });

  const devices = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
  for (const [device, viewport] of Object.entries(devices)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      inBrowser(
        `has no serious violation of accessibility rules and no overflow: ${device}, ${colorScheme}`,
        async (open) => {
          const lack = { lacking: [lacking('contoso', 5_000, { disabled: 120 })] };
          const isWhole = (device === 'phone') === (colorScheme === 'dark');
          const shots = isWhole ? { ...lack, forty: fortyHubs(), running: [running('contoso')] } : lack;
          for (const [name, hubs] of Object.entries(shots)) {
            const page = await open(hubs, { viewport, colorScheme });
            // The colors are all in it; the other tests look at the other parts.
            if (name === 'lacking') expect(await violations(page)).toEqual([]);
            expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
            await page.screenshot({ path: `${screenshots}/${name}-${device}-${colorScheme}.png`, fullPage: true });
          }
        },
      );
    }
  }

  async function runsEnd(): Promise<void> {
    await cloud.until(
      'the run ends',
      async () => !/"status":"(queued|running)"/.test((await cloud.call('GET', '/api/sweeps')).text),
    );
  }
});
