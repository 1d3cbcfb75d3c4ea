// Checks a coverage certificate of Module keeper against the hub, without any code of Module keeper. Node.js 20 or newer.
// docs/certificate.md explains it. Usage:
//   IOTHUB_CONNECTION_STRING=… node checkCertificate.mjs certificate.json [--failures failures.ndjson]
//   node checkCertificate.mjs certificate.json --devices devices.json --modules modules.json [--failures failures.ndjson]
// Ends with 0 if the hub is as the certificate says, 1 if not, 2 if that cannot be checked.
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const apiVersion = '2021-04-12';
const maxNamed = 20;

class CannotCheck extends Error {}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  // A message of another error could quote a key or a token.
  console.error(
    error instanceof CannotCheck
      ? error.message
      : `It cannot be checked: ${error?.cause?.code ?? error?.code ?? error?.name}.`,
  );
  process.exitCode = 2;
}

async function main() {
  const { values, positionals } = arguments_();
  const certificate = readJson(positionals[0]);
  const problems = problemsOf(certificate);
  for (const problem of problems) console.log(`WRONG  ${problem}`);
  if (problems.length > 0) return false;
  const { devices, modules } =
    values.devices && values.modules
      ? { devices: readJson(values.devices), modules: readJson(values.modules) }
      : await readHub(certificate.hub.hostName);
  const failed = new Set(
    values.failures ? linesOf(values.failures).map(({ deviceId, moduleId }) => pair(deviceId, moduleId)) : [],
  );
  const has = new Set(modules.map(({ deviceId, moduleId }) => pair(deviceId, moduleId)));
  const results = certificate.policy.specs.map((spec) => checkSpec(certificate, spec, devices, has, failed));
  return results.every(Boolean);
}

function arguments_() {
  const text = { type: 'string' };
  try {
    const parsed = parseArgs({ allowPositionals: true, options: { devices: text, modules: text, failures: text } });
    if (parsed.positionals.length === 1) return parsed;
  } catch {
    // Said below.
  }
  throw new CannotCheck(
    'Usage: node checkCertificate.mjs certificate.json [--devices FILE --modules FILE] [--failures FILE]',
  );
}

/** What is wrong with the certificate in itself. */
function problemsOf({ kind, version, algorithm, policy, modules, run }) {
  if (kind !== 'module-keeper-coverage' || version !== 1 || algorithm?.name !== 'sha256-sum-mod-2^256') {
    throw new CannotCheck('The file is no certificate that this script knows.');
  }
  const problems = [];
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(sorted(policy.specs)))
    .digest('hex')
    .slice(0, 16);
  if (fingerprint !== policy.fingerprint)
    problems.push(`The policy has the fingerprint ${fingerprint}, not ${policy.fingerprint}.`);
  const { created, updated, removed, unchanged } = run.counts;
  const covered = modules.reduce((sum, module) => sum + module.covered, 0);
  if (covered !== created + updated + removed + unchanged)
    problems.push('The modules do not add up to the counts of the run.');
  if (
    JSON.stringify(modules.map(({ moduleId }) => moduleId)) !==
    JSON.stringify(policy.specs.map(({ moduleId }) => moduleId))
  ) {
    problems.push('The modules are not those of the policy.');
  }
  return problems;
}

function checkSpec({ modules, run }, spec, devices, has, failed) {
  const { moduleId, ensure } = spec;
  const claimed = modules.find((module) => module.moduleId === moduleId);
  const asOf = Date.parse(run.listingSince);
  const selected = devices.filter((device) => selects(spec.select, device, asOf));
  const isAsWanted = ({ deviceId }) => has.has(pair(deviceId, moduleId)) === (ensure !== 'absent');
  const covered = selected.filter((device) => isAsWanted(device) && !failed.has(pair(device.deviceId, moduleId)));
  const hash = hashOf(
    covered.map(({ deviceId }) => deviceId),
    moduleId,
  );
  const isRight = hash === claimed.hash && covered.length === claimed.covered;
  const isNews = (device) => !isAsWanted(device) && !failed.has(pair(device.deviceId, moduleId));
  const lacking = ensure === 'patched' ? [] : selected.filter(isNews);
  console.log(
    `${isRight ? 'RIGHT ' : spec.rollout ? 'OPEN  ' : 'WRONG '} ${moduleId} (${ensure}): ${covered.length} devices on the hub, ${claimed.covered} in the certificate; hashes ${hash === claimed.hash ? 'equal' : 'differ'}.`,
  );
  if (lacking.length > 0) {
    const named = lacking
      .slice(0, maxNamed)
      .map(({ deviceId }) => JSON.stringify(deviceId))
      .join(', ');
    console.log(
      `       Selected and ${ensure === 'absent' ? 'still with' : 'without'} the module now: ${lacking.length}: ${named}${lacking.length > maxNamed ? ', …' : ''}`,
    );
  }
  if (isRight || spec.rollout === undefined) return isRight;
  throw new CannotCheck(
    `The policy serves ${moduleId} in waves, and devices of later waves are not covered: check when all waves are done.`,
  );
}

function hashOf(deviceIds, moduleId) {
  let sum = 0n;
  for (const deviceId of deviceIds)
    sum += BigInt(`0x${createHash('sha256').update(`${deviceId}\n${moduleId}`).digest('hex')}`);
  return (sum % 2n ** 256n).toString(16).padStart(64, '0');
}

/** Whether the policy selects a device: each condition of `select` in docs/settings.md. */
function selects({ edge, deviceIds, tags: wanted = {}, exemptTag }, { deviceId, capabilities, tags = {} }, asOf) {
  if (capabilities?.iotEdge === true && !edge) return false;
  if (deviceIds && !deviceIds.some((glob) => patternOf(glob).test(deviceId))) return false;
  for (const [path, values] of Object.entries(wanted)) if (!values.includes(tagAt(tags, path))) return false;
  return exemptTag === undefined || !isExempt(tagAt(tags, exemptTag), asOf);
}

function patternOf(glob) {
  const source = glob.replace(/\\([\s\S])|[\s\S]/g, (token, escaped) => {
    if (escaped !== undefined) return literal(escaped);
    return token === '*' ? '[\\s\\S]*' : token === '?' ? '[\\s\\S]' : literal(token);
  });
  return new RegExp(`^${source}$`);
}

function literal(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function tagAt(tags, path) {
  let value = tags;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined;
    value = value[name];
  }
  return value;
}

/** A date counts to its end in UTC; what is not understood exempts. */
function isExempt(value, asOf) {
  if (value === undefined || value === null || value === false) return false;
  if (typeof value !== 'object' || Array.isArray(value)) return true;
  const { until } = value;
  const parts =
    typeof until === 'string'
      ? /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(until)
      : null;
  if (!parts) return true;
  const [, date, time, offset = 'Z'] = parts;
  const day = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return true;
  const end = time === undefined ? day + 24 * 3600 * 1000 : Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(end) || asOf < end;
}

async function readHub(hostName) {
  const text = process.env.IOTHUB_CONNECTION_STRING ?? '';
  const parts = new Map(
    text.split(';').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const hub = {
    host: parts.get('HostName'),
    name: parts.get('SharedAccessKeyName'),
    key: parts.get('SharedAccessKey'),
  };
  if (!hub.host || !hub.name || !hub.key) {
    throw new CannotCheck(
      'Set IOTHUB_CONNECTION_STRING to a connection string of the hub (right: registry read), or give --devices and --modules.',
    );
  }
  if (hub.host.toLowerCase() !== hostName.toLowerCase())
    throw new CannotCheck('IOTHUB_CONNECTION_STRING is of another hub than the certificate.');
  return {
    devices: await query(hub, 'SELECT deviceId, capabilities, tags FROM devices'),
    modules: await query(hub, 'SELECT deviceId, moduleId FROM devices.modules'),
  };
}

async function query(hub, text) {
  const rows = [];
  let continuation;
  for (;;) {
    const response = await fetch(`https://${hub.host}/devices/query?api-version=${apiVersion}`, {
      method: 'POST',
      headers: {
        authorization: tokenOf(hub),
        'content-type': 'application/json',
        'x-ms-max-item-count': '1000',
        ...(continuation ? { 'x-ms-continuation': continuation } : {}),
      },
      body: JSON.stringify({ query: text }),
    });
    if (response.status === 429 || response.status >= 500) {
      await response.arrayBuffer();
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      continue;
    }
    if (!response.ok) throw new CannotCheck(`The hub answers a query with HTTP ${response.status}.`);
    rows.push(...(await response.json()));
    continuation = response.headers.get('x-ms-continuation');
    if (!continuation) return rows;
  }
}

function tokenOf({ host, name, key }) {
  const resource = encodeURIComponent(host);
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(`${resource}\n${expiry}`).digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${name}`;
}

function pair(deviceId, moduleId) {
  return `${deviceId}\n${moduleId}`;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CannotCheck(`${file} cannot be read: ${error.code}.`);
  }
}

function readJson(file) {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new CannotCheck(`${file} is not JSON.`);
    throw error;
  }
}

function linesOf(file) {
  return readText(file)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
