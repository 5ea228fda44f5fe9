import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { auditSubjects, parseAuditEntry, type AuditHead, type AuditSubjectType } from '../database/audit-log.js';
import { ExportError, openExport, writeExport } from '../moderation/audit-export.js';
import { copyAudit, readAudit, verifyLog, type PlacedEntry } from '../moderation/read-audit.js';
import { verifyChain, type ChainVerdict, type ChainWitness } from '../moderation/verify-audit.js';
import { printable } from '../report/printable.js';
import { hasCode } from '../error-words.js';
import { CommandError, RefusedError, UsageError, type Arguments, type Command, type Terminal } from './command.js';
import { ABOUT_OPERATORS, asOperator, withDatabase } from './operator.js';
import { isSet, textOption, textOptions } from './option-values.js';
import { reasonOf } from './reason-of.js';
import { asTable, shortTime } from './table.js';
import { isoTime } from './time-option.js';

/** `portcullis audit verify`: whether the audit log is whole. */
export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Checks that nothing in the audit log was changed, added, taken out or moved.',
  usage: '[FILE] [--receipt HASH]... [--head POSITION:HASH]... [--json]',
  options: {
    receipt: { type: 'string', multiple: true },
    head: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  },
  optionHelp: {
    receipt: 'an entry that must be in it, by its hash',
    head: 'where the log once ended, as somebody kept it: POSITION:HASH',
    json: 'prints what it found as JSON',
  },
  about: `Without a FILE it checks the store's own log, and changes nothing; with one an export of it (portcullis audit export),
which needs neither the store nor the network. It ends with 0 where the log is whole, and with 1 where it is not, saying at
which position and what is wrong.

Whoever may do everything on the database could write all of the log anew, from some entry to its end, and that would be whole.
It could not have the head that was kept elsewhere, though: keep what GET /api/v1/audit/head answers, now and then, and give it
with --head. The receipt of a verdict is as good, with --receipt.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [file, surplus] = args.positionals;
    if (surplus !== undefined) throw new UsageError('Name one file, or none.');
    const witness = {
      receipts: textOptions(args, 'receipt').map(readHash),
      heads: textOptions(args, 'head').map(readHead),
    };
    const verdict =
      file === undefined
        ? await withDatabase(terminal, false, (database) => verifyLog(database, witness))
        : await verifyFile(file, witness, terminal);
    if (isSet(args, 'json')) terminal.out(`${JSON.stringify(asJson(verdict), null, 2)}\n`);
    else if (verdict.isWhole) terminal.out(wordsOf(verdict));
    if (!verdict.isWhole) terminal.err(`Position ${verdict.position}: ${verdict.message} (${verdict.fault})\n`);
    return verdict.isWhole ? 0 : 1;
  },
};

async function verifyFile(file: string, witness: ChainWitness, { workingFolder }: Terminal): Promise<ChainVerdict> {
  const { rows, head } = openExport(resolve(workingFolder, file));
  try {
    return await verifyChain(rows, head, witness);
  } catch (error) {
    if (error instanceof ExportError) throw new RefusedError(`${file}: ${error.message}`);
    if (error instanceof Error && 'syscall' in error)
      throw new CommandError(`${file} can't be read: ${reasonOf(error)}.`);
    throw error;
  }
}

function readHash(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new UsageError('A hash has 64 of 0-9 and a-f.');
  return text.toLowerCase();
}

function readHead(text: string): AuditHead {
  const [, position = '', hash = ''] = /^(\d{1,15}):(.*)$/.exec(text) ?? [];
  if (position === '') throw new UsageError('--head is POSITION:HASH.');
  return { position: Number(position), hash: readHash(hash) };
}

function wordsOf({ head, receipts }: ChainVerdict & { readonly isWhole: true }): string {
  const found = [...receipts.values()].map((row) => {
    const { at, kind, subject } = parseAuditEntry(row);
    return `Receipt ${row.hash}\n  position ${row.position}, ${at}, ${printable(`${kind} ${subject.type} ${subject.id}`, 400)}\n`;
  });
  return `${found.join('')}The log is whole: ${head.position} entries.\nHead ${head.position}:${head.hash}\n`;
}

function asJson(verdict: ChainVerdict): unknown {
  if (!verdict.isWhole) return verdict;
  const { isWhole, head, receipts } = verdict;
  const placed = [...receipts.values()].map((row) => {
    const { at, kind, subject } = parseAuditEntry(row);
    return { hash: row.hash, position: row.position, at, kind, subject };
  });
  return { isWhole, head, receipts: placed };
}

/** `portcullis audit export`: the whole log, to be kept and verified elsewhere. */
export const auditExport: Command = {
  name: 'audit export',
  summary: 'Writes the whole audit log as text, an entry a line.',
  usage: '[--out FILE] [--force]',
  options: { out: { type: 'string' }, force: { type: 'boolean' } },
  optionHelp: { out: 'the file it goes to (default: the standard output)', force: 'overwrites the file of --out' },
  about: `As it stands at this moment. The last line tells the head; without it the export broke off. portcullis audit verify FILE
checks it, anywhere.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('The file is named with --out.');
    const out = textOption(args, 'out') ?? '-';
    return asOperator(terminal, false, async ({ records, caller }) => {
      const { head, rows } = await copyAudit(records, caller);
      const lines = writeExport(rows, head);
      if (out === '-') for await (const line of lines) terminal.out(line);
      else await writeLines(lines, out, isSet(args, 'force'), terminal);
      terminal.err(`Head ${head.position}:${head.hash}\n`);
      return 0;
    });
  },
};

/** A log may be larger than memory, and so it is written as it comes; what broke off doesn't stay. */
async function writeLines(
  lines: AsyncIterable<string>,
  out: string,
  force: boolean,
  { workingFolder }: Terminal,
): Promise<void> {
  const file = resolve(workingFolder, out);
  try {
    await pipeline(Readable.from(lines), createWriteStream(file, { flags: force ? 'w' : 'wx', mode: 0o600 }));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new CommandError(`${out} exists already; nothing was written.`);
    const isOpen = !(error instanceof Error && 'syscall' in error && error.syscall === 'open');
    if (isOpen) await rm(file, { force: true });
    throw new CommandError(`${out} can not be written: ${reasonOf(error)}.`);
  }
}

const MAX_LISTED = 1_000;

/** `portcullis audit list`: what was decided and changed. */
export const auditList: Command = {
  name: 'audit list',
  summary: 'Shows what was decided and changed, the newest first.',
  usage:
    '[--app ID] [--kind KIND] [--actor ACCOUNT] [--subject TYPE:ID] [--since TIME] [--until TIME] [--limit N] [--json]',
  options: {
    app: { type: 'string' },
    kind: { type: 'string' },
    actor: { type: 'string' },
    subject: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  },
  optionHelp: {
    app: 'only what concerns this app',
    kind: 'only of this kind: release-published, review-verdict …',
    actor: 'only what this account did',
    subject: 'only what was done to this: release:calendar@1.0.0, say',
    since: 'from this day or time on',
    until: 'before this day or time',
    limit: `how many at most (default: 50; ${MAX_LISTED} at most)`,
    json: 'prints it as JSON, in the shape of the API',
  },
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('It takes no words.');
    const limit = readLimit(args);
    const filter = {
      appId: textOption(args, 'app') ?? null,
      kind: textOption(args, 'kind') ?? null,
      actor: textOption(args, 'actor') ?? null,
      subject: readSubject(args),
      since: readTime(args, 'since'),
      until: readTime(args, 'until'),
    };
    return asOperator(terminal, false, async ({ records, caller }) => {
      const found = await readAudit(records, caller, filter, { before: null, limit });
      const entries = found.map((entry) => ({ ...entry, actor: entry.actor.account }));
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify({ entries }, null, 2)}\n`);
      else terminal.out(asTable([['POSITION', 'TIME', 'KIND', 'ACTOR', 'SUBJECT', 'REASON'], ...found.map(asRow)]));
      return 0;
    });
  },
};

function asRow({ position, at, kind, actor, subject, reason }: PlacedEntry): readonly string[] {
  return [
    String(position),
    shortTime(at),
    printable(kind, 64),
    printable(actor.account, 64),
    printable(`${subject.type} ${subject.id}`, 120),
    printable(reason, 120),
  ];
}

function readLimit(args: Arguments): number {
  const text = textOption(args, 'limit') ?? '50';
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LISTED) throw new UsageError(`--limit is a number from 1 to ${MAX_LISTED}.`);
  return limit;
}

function readSubject(args: Arguments): { readonly type: AuditSubjectType; readonly id: string } | null {
  const text = textOption(args, 'subject');
  if (text === undefined) return null;
  const type = auditSubjects.find((each) => text.startsWith(`${each}:`));
  if (type === undefined)
    throw new UsageError(`--subject is TYPE:ID, where TYPE is one of ${auditSubjects.join(', ')}.`);
  return { type, id: text.slice(type.length + 1) };
}

function readTime(args: Arguments, name: string): string | null {
  const text = textOption(args, name);
  if (text === undefined) return null;
  const time = isoTime(text);
  if (time === null) {
    throw new UsageError(
      `--${name} needs a day, such as 2026-05-01, or a time with its zone, such as 2026-05-01T12:00:00Z.`,
    );
  }
  return time.toISOString();
}
