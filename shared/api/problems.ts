/** A problem of the API as the description shows it. */
export interface ProblemExample {
  status: number;
  title: string;
  detail: string;
  errors?: { field: string; message: string }[];
  /** An explanation, if the type and title alone are not clear. */
  summary?: string;
}

const deviceIdAdvice = 'Write 1 to 128 of the characters A-Z a-z 0-9 and …';

/** Every problem that the API answers, by the last part of its type; a test compares them with the code. */
export const problems = {
  'bad-query': {
    status: 400,
    title: 'The query is invalid',
    detail: 'See errors.',
    errors: [
      {
        field: 'dryRun',
        message: 'belongs in the body of POST /api/sweeps, such as {"dryRun":true}; this request did nothing',
      },
    ],
  },
  'unexpected-body': {
    status: 400,
    title: 'The request has a body',
    detail: 'This call reads no body, so it did nothing. …',
  },
  'bad-json': {
    status: 400,
    title: 'The body is not JSON',
    detail: 'Send a JSON object, or no body at all.',
  },
  'bad-body': {
    status: 400,
    title: 'The body is invalid',
    detail: 'See errors.',
    errors: [{ field: 'dryRun', message: 'write true or false' }],
  },
  'bad-device-id': {
    status: 400,
    title: 'The device id is invalid',
    detail: deviceIdAdvice,
    errors: [{ field: 'deviceId', message: deviceIdAdvice }],
    summary: 'No device can have this id. The hub is not called.',
  },
  'bad-policy': {
    status: 400,
    title: 'The policy is invalid',
    detail: 'See errors. Nothing was changed.',
    errors: [{ field: '[0]', message: 'has the unknown key selct: did you mean select?' }],
  },
  'bad-precondition': {
    status: 400,
    title: 'The precondition is invalid',
    detail: 'Send either If-Match with one ETag in quotes, as GET /api/policy returns it, or If-None-Match: *.',
  },
  'policy-changed': {
    status: 412,
    title: 'The policy was changed',
    detail: 'policy.json is not the one that the request replaces. Read it again with GET /api/policy.',
  },
  'precondition-required': {
    status: 428,
    title: 'The request does not say which policy it replaces',
    detail: 'Send If-Match with the ETag of GET /api/policy, or …',
  },
  'no-policy': {
    status: 503,
    title: 'There is no valid policy',
    detail: 'policy.json is invalid, and there is no earlier valid policy. See errors.',
    errors: [{ field: 'policy.json[0]', message: 'has the unknown key selct: did you mean select?' }],
    summary: 'policy.json is invalid, and no earlier valid policy is stored.',
  },
  'unknown-hub': {
    status: 404,
    title: 'There is no such hub',
    detail: 'The settings have no hub with this name.',
  },
  'unknown-run': {
    status: 404,
    title: 'There is no such run',
    detail: 'Hub contoso has no run with this id; runs are kept for 90 days.',
  },
  'unknown-device': {
    status: 404,
    title: 'There is no such device',
    detail: 'Hub contoso has no device with this id.',
  },
  'not-acceptable': {
    status: 406,
    title: 'No such format',
    detail: 'This call answers application/x-ndjson and text/csv; send one of them in Accept, or no Accept.',
  },
  paused: {
    status: 409,
    title: 'The hub is paused',
    detail: 'Remove `paused` from its settings to sweep it.',
    errors: [{ field: 'hubs', message: 'Hub contoso is paused in the settings.' }],
  },
  'hub-busy': {
    status: 409,
    title: 'Another run must end first',
    detail: 'Run 20261123T020000Z-4f2a of hub contoso has not ended; wait for its end, or cancel it.',
  },
  'no-certificate': {
    status: 409,
    title: 'There is nothing to certify',
    detail: 'No sweep of hub contoso has finished yet. Start one, or wait for the next one.',
  },
  'nothing-to-undo': {
    status: 409,
    title: 'The run has removed nothing',
    detail: 'Only a run that removed modules can be undone.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    detail: 'At most 65536 bytes are accepted.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has another media type',
    detail: 'Send JSON with the content type application/json.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'The log of this invocation has the details.',
  },
  'damaged-document': {
    status: 500,
    title: 'A stored document is damaged',
    detail: 'The stored document runs/contoso/… is not JSON: it was damaged. Restore it from a backup of …',
  },
  'hub-refuses-us': {
    status: 502,
    title: 'The hub refuses this app',
    detail: 'read device twin on hub contoso: forbidden (HTTP 403). This call needs the role "IoT Hub Data Reader" …',
    summary: 'A key or a role is wrong.',
  },
  'hub-refused': {
    status: 502,
    title: 'The hub refused the call',
    detail: 'create module on hub contoso: invalid (HTTP 400, ArgumentInvalid)',
    summary: 'The hub does not accept the call; sending it again does not help.',
  },
  limited: {
    status: 503,
    title: 'The app limits its calls to the hub',
    detail: 'Try again later.',
  },
  throttled: {
    status: 503,
    title: 'The hub throttles this app',
    detail: 'create module on hub contoso: throttled (HTTP 429, ThrottlingBacklogTimeout)',
  },
  'hub-unavailable': {
    status: 503,
    title: 'The hub is unavailable',
    detail: 'read device twin on hub contoso: unavailable (ECONNRESET)',
    summary: 'No response within five seconds, a broken one, a 5xx, or a failover.',
  },
  'hub-quota': {
    status: 503,
    title: 'A quota of the hub is used up',
    detail: 'create module on hub contoso: identityCap (HTTP 403, IotHubQuotaExceeded)',
    summary: 'The hub is full, or its daily messages are used up.',
  },
  'hub-out-of-service': {
    status: 503,
    title: 'The hub is out of service',
    detail: 'Its settings have problems; see errors.',
    errors: [{ field: 'HUBS[1].units', message: 'write a whole number from 1 to 200' }],
  },
  'storage-unavailable': {
    status: 503,
    title: 'The storage of the app is unavailable',
    detail: 'The storage account of the app (AzureWebJobsStorage) cannot be reached: ECONNREFUSED. Try again later.',
  },
  misconfigured: {
    status: 503,
    title: 'The settings are invalid',
    detail: 'See errors.',
    errors: [
      {
        field: 'HUB_TIER',
        message: 'write one of F1, B1, B2, B3, S1, S2, S3; for a newer tier, the one with the same limits',
      },
    ],
  },
} as const satisfies Record<string, ProblemExample>;

export type ProblemType = keyof typeof problems;
