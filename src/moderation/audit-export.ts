import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { AuditHead, AuditRow } from '../database/audit-log.js';
import { hasCode } from '../error-words.js';

/** The log as text: an entry a line, and the head as the last one, without which it is not whole. */
export async function* writeExport(rows: AsyncIterable<AuditRow>, head: AuditHead): AsyncIterable<string> {
  for await (const { position, previous, hash, entry } of rows) {
    yield `${JSON.stringify({ position, previous, hash, entry })}\n`;
  }
  yield `${JSON.stringify({ head: { position: head.position, hash: head.hash } })}\n`;
}

/** A text is not an export of the log, or not the whole of one. The message is a sentence for people. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

/** An export as it is read: the entries, and once they are read to the end the head. */
export interface OpenExport {
  readonly rows: AsyncIterable<AuditRow>;
  /** The closing line; only once `rows` has come to its end. */
  head(): AuditHead;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const rowSchema = z.strictObject({ position: z.int(), previous: z.string(), hash: z.string(), entry: z.string() });
const headSchema = z.strictObject({ head: z.strictObject({ position: z.int().min(0), hash }) });

/** More than any entry has. */
const MAX_LINE = 4 * 1024 * 1024;

/**
 * Reads an export from a file, a line at a time.
 *
 * @throws ExportError from `rows` and `head`, naming the line; the file system's error
 */
export function openExport(file: string): OpenExport {
  let head: AuditHead | null = null;
  return {
    rows: readRows(),
    head() {
      if (head === null)
        throw new ExportError('The last line, which tells the head, is missing: the export broke off.');
      return head;
    },
  };

  async function* readRows(): AsyncIterable<AuditRow> {
    let number = 0;
    for await (const line of linesOf(file)) {
      number += 1;
      const value = parse(line, number);
      if (head !== null) throw new ExportError(`Line ${number}: there is nothing behind the head.`);
      const closing = headSchema.safeParse(value);
      if (closing.success) {
        head = closing.data.head;
        continue;
      }
      const row = rowSchema.safeParse(value);
      if (!row.success) throw new ExportError(`Line ${number} is no entry of an export of the audit log.`);
      yield row.data;
    }
  }
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ExportError(`Line ${number} is no line of an export of the audit log.`);
  }
}

async function* linesOf(file: string): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let pending = '';
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
      pending = lines.pop() ?? '';
      yield* lines;
      if (pending.length > MAX_LINE) throw new ExportError('A line is longer than any entry of an audit log.');
    }
    pending += decoder.decode();
  } catch (error) {
    if (hasCode(error, 'ERR_ENCODING_INVALID_ENCODED_DATA'))
      throw new ExportError('It is not UTF-8, and so no export of an audit log.');
    throw error;
  }
  if (pending !== '') yield pending;
}
