import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/**
 * A Chromium for the tests of the page: the one that the package `@sparticuz/chromium` has in it (Linux on x64), else one of this
 * system. Undefined if there is none, which is said; in CI (`CI=true`) that is an error.
 */
export async function startBrowser(): Promise<Browser | undefined> {
  const reasons: string[] = [];
  for (const find of [ofThePackage, ofTheSystem]) {
    try {
      const executablePath = await find();
      return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-zygote'] });
    } catch (error) {
      reasons.push(String(error).slice(0, 500));
    }
  }
  const message = `No Chromium could be started, so the status page is NOT TESTED: ${reasons.join('; ')}`;
  if (process.env.CI === 'true') throw new Error(message);
  console.warn(message);
  return undefined;
}

/** Unpacked once into `out/`; the package is an ES module, which jest does not load. */
async function ofThePackage(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('the package has a Chromium for Linux on x64');
  const folder = resolve('out/browser');
  await mkdir(folder, { recursive: true });
  const program = "process.stdout.write(await (await import('@sparticuz/chromium')).default.executablePath())";
  const run = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, TMPDIR: folder },
  });
  return run.stdout;
}

async function ofTheSystem(): Promise<string> {
  const paths = [
    process.env.CHROMIUM ?? '',
    ...['chromium', 'chromium-browser', 'google-chrome', 'microsoft-edge'].map((name) => `/usr/bin/${name}`),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ];
  const found = paths.find((path) => path !== '' && existsSync(path));
  if (found === undefined) throw new Error('none at the usual places; CHROMIUM may name one');
  return found;
}
