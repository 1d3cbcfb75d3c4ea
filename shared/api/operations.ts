import type * as z from 'zod/mini';
import { certificate } from './certificateSchema.ts';
import {
  change,
  deviceModules,
  deviceOutcomes,
  exemption,
  failure,
  health,
  misconfiguration,
} from './deviceSchemas.ts';
import { policy, writtenOrChecked } from './policySchemas.ts';
import type { ProblemType } from './problems.ts';
import { changesQuery, exemptionsQuery, failuresQuery, policyQuery, type QuerySchema, sweepsQuery } from './queries.ts';
import { run, runPage, startedRuns, startedUndo } from './runSchemas.ts';
import { hubList, status } from './statusSchemas.ts';

/** A response without problem details: a successful one, a 304, or the 503 of `health`. */
export interface OkAnswer {
  description: string;
  /** By media type. For NDJSON: the schema of a line. `text`: no schema, see `description`. `any`: any JSON object. */
  content: Record<string, z.ZodMiniType | 'text' | 'any'>;
  headers?: Record<string, { description: string; schema: object }>;
}

/** One route and method of the HTTP API. */
export interface Operation {
  /** The name of the function that serves the operation. */
  id: string;
  method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/api`. */
  path: string;
  tag: 'status' | 'sweeps' | 'devices' | 'app';
  summary: string;
  description?: string;
  query?: QuerySchema;
  /** The kind of the request body; undefined if the operation reads none. */
  body?: 'sweep' | 'policy';
  /** Set if the operation needs no key. */
  open?: true;
  answers: Record<number, OkAnswer>;
  problems: readonly ProblemType[];
}

const json = (schema: z.ZodMiniType | 'any') => ({ 'application/json': schema });

const always = ['bad-query', 'damaged-document', 'internal', 'misconfigured', 'storage-unavailable'] as const;
const noBody = [...always, 'unexpected-body'] as const;
const ofHub = [...noBody, 'unknown-hub', 'hub-out-of-service'] as const;
const ofRun = [...ofHub, 'unknown-run'] as const;
const ofDevice = [
  ...ofHub,
  ...['bad-device-id', 'unknown-device', 'hub-refuses-us', 'hub-refused'],
  ...['limited', 'throttled', 'hub-unavailable', 'hub-quota', 'no-policy'],
] as ProblemType[];

const policyEtag = {
  ETag: {
    description: 'The ETag of policy.json, for If-Match; absent if there is no policy.json.',
    schema: { type: 'string' },
  },
};
const oneRun: OkAnswer = { description: 'The run.', content: json(run) };

/** All operations of the API, in the order in which the description shows them. A test compares them with the registered functions. */
export const operations: readonly Operation[] = [
  {
    id: 'listHubs',
    method: 'get',
    path: '/hubs',
    tag: 'status',
    summary: 'The state of each hub: coverage, runs, pending devices, and what its work waits for.',
    description:
      'Read from stored documents and queue counts; no hub is called. What cannot be read of one hub is null, with the reason in `unknown`.',
    answers: { 200: { description: 'The hubs in the order of the settings.', content: json(hubList) } },
    problems: noBody,
  },
  {
    id: 'status',
    method: 'get',
    path: '/status',
    tag: 'status',
    summary: 'Everything of listHubs, and for each hub its last 30 runs and what failed in the latest run.',
    description:
      'Read from stored documents and queue counts; no hub is called. A browser, which prefers HTML, gets the page of statusPage.',
    answers: {
      200: {
        description: 'The app and its hubs; or the page, without data, if Accept prefers it.',
        content: { ...json(status), 'text/html': 'text' },
        headers: { Vary: { description: '`Accept`.', schema: { type: 'string' } } },
      },
    },
    problems: [...noBody, 'not-acceptable'],
  },
  {
    id: 'statusPage',
    method: 'get',
    path: '/status/page',
    tag: 'status',
    summary: 'The page that shows the status and starts actions, without data: it asks for the key and calls this API.',
    open: true,
    answers: { 200: { description: 'HTML.', content: { 'text/html': 'text' } } },
    problems: ['bad-query', 'unexpected-body', 'internal'],
  },
  {
    id: 'getCertificate',
    method: 'get',
    path: '/hubs/{hub}/certificate',
    tag: 'status',
    summary: 'Dated evidence of coverage, which an auditor can check against the hub.',
    description:
      'Read from stored documents; the hub is not called. It is based on the last finished sweep, which must have seen the whole hub with the policy now in force. docs/certificate.md says how to check it.',
    answers: { 200: { description: 'The certificate. It is not signed.', content: json(certificate) } },
    problems: [...ofHub, 'no-certificate', 'no-policy'],
  },
  {
    id: 'startSweep',
    method: 'post',
    path: '/sweeps',
    tag: 'sweeps',
    summary: 'Starts a run on each named hub, or on every hub that is not paused.',
    description:
      'If one of the named hubs is unknown, paused or out of service, no run is started. If storage fails for some hubs only, the response is 202 with `notStarted`; if for all, it is a problem. The response is sent within 200 s. If a hub has a live run of the same kind (dry or real), that run is returned with `alreadyRunning: true`; if its live run is of the other kind, the new run waits until that run has ended.',
    body: 'sweep',
    answers: {
      202: {
        description:
          'The runs that were started, or were live already. At least one; look at `notStarted` for the others.',
        content: json(startedRuns),
        headers: {
          Location: {
            description: 'The address of the run, if there is only one.',
            schema: { type: 'string', format: 'uri' },
          },
        },
      },
    },
    problems: [
      ...always,
      'bad-json',
      'bad-body',
      'unknown-hub',
      'paused',
      'body-too-large',
      'unsupported-media-type',
      'hub-out-of-service',
    ],
  },
  {
    id: 'listSweeps',
    method: 'get',
    path: '/sweeps',
    tag: 'sweeps',
    summary: 'The runs of one hub or of all, newest first. Runs are kept for 90 days.',
    query: sweepsQuery,
    answers: {
      200: {
        description: 'One page of runs.',
        content: json(runPage),
        headers: {
          Link: {
            description: 'The address of the next page, as `<…>; rel="next"`; absent on the last page.',
            schema: { type: 'string' },
          },
        },
      },
    },
    problems: ofHub,
  },
  {
    id: 'getSweep',
    method: 'get',
    path: '/sweeps/{hub}/{runId}',
    tag: 'sweeps',
    summary: 'One run as of its last checkpoint, which is a few seconds old while the run is live.',
    answers: { 200: oneRun },
    problems: ofRun,
  },
  {
    id: 'cancelSweep',
    method: 'delete',
    path: '/sweeps/{hub}/{runId}',
    tag: 'sweeps',
    summary: 'Cancels a run; a run that has ended is returned unchanged.',
    description:
      'Modules that the run has created stay. The worker checks the run before its calls to the hub, at most once a second, so it stops about a second after the cancellation.',
    answers: { 200: oneRun },
    problems: ofRun,
  },
  {
    id: 'getFailures',
    method: 'get',
    path: '/sweeps/{hub}/{runId}/failures',
    tag: 'sweeps',
    summary: 'One line for each device and module that is failed or blocked, with what to do.',
    query: failuresQuery,
    answers: {
      200: {
        description:
          'NDJSON, each line a Failure, empty if there is none; or CSV (RFC 4180) with the same members as columns and a heading. A cell of the CSV that begins with = + - @, a tab or a line break has an apostrophe before it, so that a spreadsheet takes it for text.',
        content: { 'application/x-ndjson': failure, 'text/csv': 'text' },
      },
    },
    problems: [...ofRun, 'not-acceptable'],
  },
  {
    id: 'getChanges',
    method: 'get',
    path: '/sweeps/{hub}/{runId}/changes',
    tag: 'sweeps',
    summary: 'What a dry run would do: one line for each module that it would create, write or remove.',
    query: changesQuery,
    answers: {
      200: {
        description: 'NDJSON, each line a Change, empty if there is none; or CSV in the format of getFailures.',
        content: { 'application/x-ndjson': change, 'text/csv': 'text' },
      },
    },
    problems: [...ofRun, 'not-acceptable'],
  },
  {
    id: 'undoSweep',
    method: 'post',
    path: '/sweeps/{hub}/{runId}/undo',
    tag: 'sweeps',
    summary: 'Starts a run that creates again the modules that another run has removed, with their twins.',
    answers: {
      202: {
        description: 'The undo, which is a run too.',
        content: json(startedUndo),
        headers: { Location: { description: 'The address of the undo.', schema: { type: 'string', format: 'uri' } } },
      },
    },
    problems: [...ofRun, 'paused', 'hub-busy', 'nothing-to-undo'],
  },
  {
    id: 'getExemptions',
    method: 'get',
    path: '/sweeps/{hub}/{runId}/exemptions',
    tag: 'sweeps',
    summary: 'One line for each device and module that a tag exempts, or has exempted.',
    query: exemptionsQuery,
    answers: {
      200: {
        description: 'NDJSON, each line an Exemption, empty if there is none; or CSV in the format of getFailures.',
        content: { 'application/x-ndjson': exemption, 'text/csv': 'text' },
      },
    },
    problems: [...ofRun, 'not-acceptable'],
  },
  {
    id: 'getModules',
    method: 'get',
    path: '/hubs/{hub}/devices/{deviceId}/modules',
    tag: 'devices',
    summary: "Which of the policy's modules one device has, read from the hub by id; changes nothing.",
    answers: {
      200: { description: 'One entry for each module of the policy, in its order.', content: json(deviceModules) },
    },
    problems: ofDevice,
  },
  {
    id: 'ensureModules',
    method: 'put',
    path: '/hubs/{hub}/devices/{deviceId}/modules',
    tag: 'devices',
    summary: 'Reconciles one device now: creates what is missing.',
    description:
      'While a worker is active on the hub, the device goes through the queue of the hub, and the response waits for it up to 20 s.',
    answers: {
      200: { description: 'One outcome for each module of the policy, in its order.', content: json(deviceOutcomes) },
    },
    problems: [...ofDevice, 'paused'],
  },
  {
    id: 'getPolicy',
    method: 'get',
    path: '/policy',
    tag: 'app',
    summary: 'The policy in force, where it stands, and what is wrong with policy.json.',
    description: 'Reads storage in this call.',
    answers: { 200: { description: 'The policy.', content: json(policy), headers: policyEtag } },
    problems: noBody,
  },
  {
    id: 'putPolicy',
    method: 'put',
    path: '/policy',
    tag: 'app',
    summary: "Writes policy.json in the app's container, if it is still the version that the request replaces.",
    description:
      'The policy is checked as the setting `POLICY` is. The next slice of each hub applies it; events and calls for one device do so within a minute. A run that is under way begins its listing anew. While a setting names a policy, `policy.json` is written all the same, has no effect, and the response says so in `notice`.',
    query: policyQuery,
    body: 'policy',
    answers: {
      200: {
        description: 'The policy was replaced; or, with `dryRun=true`, it is valid.',
        content: json(writtenOrChecked),
        headers: policyEtag,
      },
      201: { description: 'The first policy was written.', content: json(policy), headers: policyEtag },
    },
    problems: [
      ...always,
      ...(['bad-policy', 'bad-precondition', 'policy-changed', 'precondition-required'] as const),
      ...(['body-too-large', 'unsupported-media-type'] as const),
    ],
  },
  {
    id: 'health',
    method: 'get',
    path: '/health',
    tag: 'app',
    summary: 'Whether the settings and policy.json are valid; calls no hub, and storage at most once a minute.',
    description:
      '`degraded`: the settings of some hubs have problems, and the others are served; or `policy.json` is invalid, and the policy before it stays in force. The status is 200, so that a health check of the platform does not end an instance that works.',
    open: true,
    answers: {
      200: { description: 'The settings of the app and of at least one hub are valid.', content: json(health) },
      503: {
        description:
          '`misconfigured`: the settings are not valid, or `policy.json` is not and there is no earlier valid policy. `unavailable`: the storage cannot be reached, so the policy in force is not known. Nothing is created.',
        content: json(misconfiguration),
      },
    },
    problems: ['bad-query', 'unexpected-body'],
  },
  {
    id: 'openapi',
    method: 'get',
    path: '/openapi.json',
    tag: 'app',
    summary: 'This description.',
    answers: {
      200: {
        description: 'OpenAPI 3.1.',
        content: json('any'),
        headers: {
          ETag: {
            description: 'The ETag of this content. A request with it in If-None-Match gets 304.',
            schema: { type: 'string' },
          },
        },
      },
      304: { description: 'The content still has the ETag in If-None-Match.', content: {} },
    },
    problems: ['bad-query', 'unexpected-body', 'internal'],
  },
];
