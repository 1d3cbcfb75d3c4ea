import * as z from 'zod/mini';
import { objectOf } from './jsonSetting.ts';
import { glob, listOf, optional, percent } from './schemaParts.ts';

/** 366 days; a longer pause is probably a mistake. */
const maxPauseHours = 8_784;
const pauseError = `write a number of hours from 0 to ${maxPauseHours}`;
const maxWaves = 50;
const wavesError = 'write a list of waves, such as ["lab-*", "5%", "30%"]';
const waveError = 'write a pattern such as "lab-*", a list of patterns, or a percentage such as "5%"';

/** Matches a percentage of the devices, such as `5%`. Any other text is a pattern of device ids. */
const percentPattern = /^(\d+(?:\.\d+)?)\s*%$/;

/**
 * Matches a text that was probably meant as a percentage but is not a valid one, such as `.5%`. As a pattern of device ids it
 * would match no device. A wave without devices is done at once, so all devices would follow in the next wave.
 */
const likePercentage = /^[-+\d.,_]*\d[-+\d.,_e]*%+$/i;

const globOfList = glob.check(
  z.refine((pattern) => !percentPattern.test(pattern) && !likePercentage.test(pattern), {
    error: 'a percentage is a wave of its own; write it beside the list, not in it',
  }),
);

const wave = z
  .union([z.string(), z.array(globOfList).check(z.minLength(1, { error: waveError }))], { error: waveError })
  .check((ctx) => {
    const { value } = ctx;
    if (typeof value !== 'string') return;
    const share = percentOf(value);
    if (share !== undefined) {
      if (share > 0 && share <= 100) return;
      ctx.issues.push({ code: 'custom', input: value, message: 'write a percentage above 0, up to "100%"' });
      return;
    }
    if (likePercentage.test(value)) {
      const message = 'write a percentage with digits and a point, such as "0.5%"';
      ctx.issues.push({ code: 'custom', input: value, message });
      return;
    }
    const read = glob.safeParse(value);
    for (const { message } of read.error?.issues ?? []) ctx.issues.push({ code: 'custom', input: value, message });
  });

const waves = listOf(wave, wavesError)
  .check(z.maxLength(maxWaves, { error: `has more than ${maxWaves} waves` }))
  .check((ctx) => {
    let before = 0;
    for (const [index, one] of ctx.value.entries()) {
      const share = typeof one === 'string' ? percentOf(one) : undefined;
      if (share === undefined) continue;
      if (share <= before) {
        const message = `a percentage includes those before it, so it must be larger than the last one (${before}%)`;
        ctx.issues.push({ code: 'custom', input: one, message, path: [index] });
      }
      before = Math.max(before, share);
    }
  });

/** Schema of the member `rollout` of a spec. */
export const rolloutSchema = objectOf({
  waves: waves.check(
    z.describe(
      'The waves in their order: each a pattern of device ids, a list of patterns, or a percentage of the devices, which includes the percentages before it. All other devices form the last wave.',
    ),
  ),
  pauseHours: optional(
    z
      .number({ error: pauseError })
      .check(z.minimum(0, { error: pauseError }), z.maximum(maxPauseHours, { error: pauseError })),
    'Hours from the end of the run that finished a wave until the next wave may begin. Default: 24.',
  ),
  stopWhen: optional(
    objectOf({
      failedPercent: optional(
        percent,
        'The next wave does not begin while more than this percentage of a wave failed. Default: 1.',
      ),
      unhealthyPercent: optional(
        percent,
        'The next wave does not begin while more than this percentage of the modules of a wave that report their health are not healthy. Default: 1.',
      ),
    }),
    'Limits above which the next wave does not begin.',
  ),
});

/** Returns the number in a percentage (5 for `5%`); undefined if the text is a pattern. */
export function percentOf(text: string): number | undefined {
  const [, digits] = percentPattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
