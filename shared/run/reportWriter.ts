import type { PartedTexts } from '../storage/documents.ts';
import { firstBytes, noReports, type ReportKind, type ReportLines, reportPath } from './report.ts';
import type { Run } from './run.ts';

/**
 * A part grows to this size before the next one begins: a write of a page's lines stays small, and a hundred thousand failures
 * are some 200 blobs.
 */
const fullPartBytes = 64 * 1024;

/**
 * One report of an open run. Lines are written before the checkpoint that counts them, and each part as a whole, so that it
 * does not matter if a write is repeated or a part was removed; a crash in between leaves lines that the next write replaces.
 */
export class ReportWriter<Kind extends ReportKind> {
  private readonly texts: PartedTexts;
  private readonly run: Run;
  private readonly kind: Kind;
  private unsaved: ReportLines[Kind][] = [];
  /** The text of the last part; undefined until this writer has read or written it. */
  private lastPart: string | undefined;
  /** How often the report was emptied. */
  private restarts = 0;

  constructor(texts: PartedTexts, run: Run, kind: Kind) {
    this.texts = texts;
    this.run = run;
    this.kind = kind;
  }

  /** Adds a line, to be written with the next checkpoint. */
  add(line: ReportLines[Kind]): void {
    this.unsaved.push(line);
  }

  /** Empties the report. Call it when the counts of the run restart at zero. */
  forget(): void {
    this.unsaved = [];
    this.lastPart = undefined;
    this.restarts += 1;
    this.setSize(noReports()[this.kind]);
  }

  /** Writes the added lines. Call it before the document is written, and never twice at the same time. */
  async write(): Promise<void> {
    const lines = this.unsaved;
    if (lines.length === 0) return;
    const { restarts } = this;
    this.unsaved = []; // more may be added during the write
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    try {
      const last = await this.openPart();
      await this.texts.writePart(reportPath(this.run, this.kind), last.part, last.text + text);
      // Meanwhile the report may have been emptied, with another checkpoint.
      if (restarts !== this.restarts) return;
      this.lastPart = last.text + text;
      const bytes = this.size.bytes + Buffer.byteLength(text);
      this.setSize({ parts: last.part, bytes, lastPartBytes: Buffer.byteLength(this.lastPart) });
    } catch (error) {
      if (restarts === this.restarts) this.unsaved = [...lines, ...this.unsaved];
      throw error;
    }
  }

  /** The part that the next lines are added to, and its lines so far. */
  private async openPart(): Promise<{ part: number; text: string }> {
    const { parts, lastPartBytes } = this.size;
    if (lastPartBytes === null) return { part: 1, text: '' };
    if (parts === 0 || lastPartBytes >= fullPartBytes) return { part: parts + 1, text: '' };
    const path = reportPath(this.run, this.kind);
    this.lastPart ??= firstBytes(await this.texts.readPart(path, parts), lastPartBytes);
    return { part: parts, text: this.lastPart };
  }

  private get size() {
    return this.run.checkpoint.reports[this.kind];
  }

  private setSize(size: ReturnType<typeof noReports>[Kind]): void {
    const { checkpoint } = this.run;
    checkpoint.reports = { ...checkpoint.reports, [this.kind]: size };
  }
}
