import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { DeviceExemption } from '../reconcile/planDevice.ts';
import type { PartedTexts } from '../storage/documents.ts';
import { countOr, membersOf } from '../storage/readMembers.ts';

/** The run that a report belongs to. */
interface RunName {
  hub: string;
  runId: string;
}

/** The lists that a run keeps beside its document, and what a line of each holds. To add a list, add a member here and below. */
export interface ReportLines {
  /** Pairs that failed or are blocked. */
  failures: DeviceModuleOutcome;
  /** Pairs that a dry run would change: `outcome` is what a real run would make of them. */
  changes: DeviceModuleOutcome;
  /** Pairs whose device has an exempt tag, even if the exemption has ended. */
  exemptions: DeviceExemption;
}
export type ReportKind = keyof ReportLines;
export const reportKinds = ['failures', 'changes', 'exemptions'] as const satisfies readonly ReportKind[];

/** How much of a report belongs to the counts of its run. */
interface ReportSize {
  parts: number;
  bytes: number;
  /** Bytes of the last part; null if the report is in one file, as version 1 wrote failures. */
  lastPartBytes: number | null;
}
export type ReportSizes = Record<ReportKind, ReportSize>;

const noReport: ReportSize = { parts: 0, bytes: 0, lastPartBytes: 0 };

/** The sizes at the start of a listing. */
export function noReports(): ReportSizes {
  return { failures: noReport, changes: noReport, exemptions: noReport };
}

/** Folder of a report: NDJSON in numbered parts. */
export function reportPath({ hub, runId }: RunName, kind: ReportKind): string {
  return `runs/${hub}/${runId}.${kind}`;
}

/**
 * The lines of a report that belong to the run's counts, as NDJSON; lines that a worker wrote before it crashed, and did not
 * count, are left out. So are the lines of a part that was removed from storage. Throws what storage throws.
 */
export async function readReport(
  texts: PartedTexts,
  run: RunName & { checkpoint: { reports: ReportSizes } },
  kind: ReportKind,
): Promise<string> {
  const path = reportPath(run, kind);
  const { parts, bytes, lastPartBytes } = run.checkpoint.reports[kind];
  if (lastPartBytes === null) return firstBytes(await texts.readText(`${path}.ndjson`), bytes);
  const read: string[] = [];
  for (let part = 1; part <= parts; part++) {
    const text = await texts.readPart(path, part);
    read.push(part < parts ? (text ?? '') : firstBytes(text, lastPartBytes));
  }
  return read.join('');
}

/** Does what `readReport` does, but reads only the first part, about 64 KiB, which is enough for a preview. */
export async function readReportStart(
  texts: PartedTexts,
  run: RunName & { checkpoint: { reports: ReportSizes } },
  kind: ReportKind,
): Promise<string> {
  const { parts, lastPartBytes, ...size } = run.checkpoint.reports[kind];
  if (parts <= 1 || lastPartBytes === null) return readReport(texts, run, kind);
  const first = { ...size, parts: 1, lastPartBytes: Number.MAX_SAFE_INTEGER };
  const reports = { ...run.checkpoint.reports, [kind]: first };
  return readReport(texts, { ...run, checkpoint: { reports } }, kind);
}

/** The text's first bytes in UTF-8; empty if there is no text. */
export function firstBytes(text: string | undefined, bytes: number): string {
  return Buffer.from(text ?? '')
    .subarray(0, bytes)
    .toString('utf8');
}

/** The sizes as members of a stored checkpoint; those of the failures stay where every version of the app reads them. */
export function storedReports({ failures, ...reports }: ReportSizes): object {
  const { parts: failureParts, bytes: failureBytes, lastPartBytes } = failures;
  return { failureParts, failureBytes, lastPartBytes, reports };
}

/** Reads these members of any version. Reports that this version does not know are kept. */
export function readReports(checkpoint: Record<string, unknown>): ReportSizes {
  const stored = membersOf(checkpoint.reports);
  return {
    ...stored,
    failures: {
      parts: countOr(checkpoint.failureParts, 0),
      bytes: countOr(checkpoint.failureBytes, 0),
      lastPartBytes: countOr(checkpoint.lastPartBytes, null),
    },
    changes: readSize(stored.changes),
    exemptions: readSize(stored.exemptions),
  };
}

function readSize(stored: unknown): ReportSize {
  const { parts, bytes, lastPartBytes } = membersOf(stored);
  return { parts: countOr(parts, 0), bytes: countOr(bytes, 0), lastPartBytes: countOr(lastPartBytes, 0) };
}
