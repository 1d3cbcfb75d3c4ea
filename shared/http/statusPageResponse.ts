import { createHash } from 'node:crypto';
import type { HttpResponseInit } from '@azure/functions';
import { noStore } from './answer.ts';

/** Returns the status page, which contains no data. Its headers allow it to load nothing, and to call only this app. */
export async function statusPageResponse(headers: Record<string, string> = {}): Promise<HttpResponseInit> {
  // Loaded late, because the start of the app does not need it.
  const { html, style, script } = await import('virtual:status-page');
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    headers: {
      ...noStore,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
      ...headers,
    },
    body: html,
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
