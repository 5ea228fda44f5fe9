import type { FileDifference, Difference } from '../moderation/difference.js';
import type { QueueItem } from '../moderation/queue.js';
import type { ReviewDetail } from '../moderation/read-review.js';
import type { DifferenceLine, TextDifference } from '../moderation/text-difference.js';
import type { FileFacts } from '../report/contents.js';
import { printable, printableLines } from '../report/printable.js';
import { asTable, shortTime } from './table.js';

const MAX_TEXT = 4_200;
const MAX_WHY = 80;

/** What is written by strangers goes to a moderator's terminal, where it must not steer anything. */
function table(rows: readonly (readonly string[])[]): string {
  return asTable(rows.map((row) => row.map((cell) => printable(cell, MAX_TEXT))));
}

/** The queue, for a terminal. */
export function queueAsText(reviews: readonly QueueItem[]): string {
  if (reviews.length === 0) return 'Nothing waits.\n';
  const rows = reviews.map((item) => [
    item.id,
    item.kind,
    item.state,
    item.version === null ? item.appId : `${item.appId} ${item.version}`,
    item.uploader ?? '–',
    shortTime(item.openedAt),
    item.claimedBy ?? '–',
    item.category ?? (item.codes.join(' ') || printable(item.quarantinedFor ?? '–', MAX_WHY)),
  ]);
  return table([['ID', 'KIND', 'STATE', 'APP', 'BY', 'SINCE', 'AT IT', 'WHY'], ...rows]);
}

/** A review with what belongs to it, for a terminal. */
export function reviewAsText(detail: ReviewDetail): string {
  const { review, submission, uploader, app, owners, signingRequest, reinspections } = detail;
  const facts = [
    [
      '  app',
      `${review.appId} ${review.version ?? ''} (${app.trustLevel}${app.suspendedAt === null ? '' : ', suspended'})`,
    ],
    ['  opened', `${shortTime(review.openedAt)} by ${review.openedBy ?? 'nobody with an account'}`],
    ['  owners', owners.map(({ name }) => name).join(', ') || 'none yet'],
    ...(review.claimedBy === null ? [] : [['  at it', `${review.claimedBy} until ${shortTime(review.claimedUntil)}`]]),
    ...(review.category === null ? [] : [['  category', review.category]]),
    ...(review.contact === null ? [] : [['  contact', review.contact]]),
    ...(uploader === null
      ? []
      : [['  by', `${uploader.accountName}, with the ${uploader.kind} token "${uploader.label}" (${uploader.id})`]]),
    ...(submission === null
      ? []
      : [
          ['  submission', `${submission.id}, ${submission.outcome}`],
          ['  archive', `${submission.archiveBytes} bytes, SHA-256 ${submission.archiveSha256}`],
        ]),
    ...(signingRequest === null ? [] : [['  request', signingRequest.request.id]]),
    ...(review.verdict === null
      ? []
      : [['  verdict', `${review.verdict} by ${review.decidedBy ?? 'the gate'}: ${review.reason ?? ''}`]]),
  ];
  const findings = (submission?.report.findings ?? []).map(({ severity, code, path, message }) => [
    `  ${severity}`,
    code,
    path ?? '',
    message,
  ]);
  const looks = reinspections.map(({ inspectedAt, outcome, accountName }) => [
    `  ${shortTime(inspectedAt)}`,
    `looked at again: ${outcome}`,
    accountName,
  ]);
  const events = detail.events.map(({ happenedAt, kind, accountName, text }) => [
    `  ${shortTime(happenedAt)}`,
    kind,
    accountName ?? '–',
    text,
  ]);
  const releases = detail.releases.map(({ version, status, signed, publishedAt }) => [
    `  ${version}`,
    status,
    signed ? 'signed' : 'unsigned',
    shortTime(publishedAt),
  ]);
  const parts = [table(facts), table(findings), table([...looks, ...events]), table(releases)];
  return `Review ${review.id} (${review.kind}) is ${review.state}\n\n${parts.filter((part) => part !== '').join('\n')}`;
}

/** A difference, for a terminal. */
export function differenceAsText(found: Difference): string {
  const { before, after, counts, files, info, signer, omittedTexts } = found;
  const title =
    before === null
      ? `${after.version ?? 'This'} is compared with nothing: no release was published before.`
      : `${after.version ?? 'This'} against ${before.version ?? ''}, published ${shortTime(before.publishedAt)}`;
  const signature =
    signer.changed.length === 0 ? '' : `Signature: another ${signer.changed.map((member) => member).join(', ')}\n\n`;
  const fields = (info ?? []).map((change) => [`  ${change.field}`, change.before ?? '–', change.after ?? '–']);
  const elements =
    info === null ? "info.xml can't be read\n\n" : fields.length === 0 ? '' : `info.xml\n${table(fields)}\n`;
  const sum =
    counts === null
      ? "The archive can't be read to its end; its report says why.\n"
      : `${counts.added} added, ${counts.removed} removed, ${counts.changed} changed, ${counts.unchanged} as before\n`;
  const omitted =
    omittedTexts === 0 ? '' : `\nThe texts of ${omittedTexts} files are left out; --path PATH shows one of them.\n`;
  return `${printable(title, MAX_TEXT)}\n\n${signature}${elements}${sum}${files.map(fileAsText).join('')}${omitted}`;
}

const SIGNS = { added: '+', removed: '-', changed: '~', same: ' ' } as const;

function fileAsText(file: FileDifference): string {
  const facts = [file.before, file.after].filter((each) => each !== null).map(factsAsText);
  const left = file.text === null && file.textLeftOut !== 'removed' ? `  (${file.textLeftOut ?? ''})` : '';
  const text = file.text === null ? '' : textAsText(file.text);
  return `\n${SIGNS[file.kind]} ${file.name}  ${facts.join(' → ')}${left}\n${text}`;
}

function factsAsText({ bytes, sha512 }: FileFacts): string {
  return `${bytes} bytes, SHA-512 ${sha512.slice(0, 16)}…`;
}

function textAsText({ hunks, omittedLines, isCoarse }: TextDifference): string {
  const shown = hunks.map((hunk) => hunk.map(lineAsText).join('')).join('    …\n');
  const omitted = omittedLines === 0 ? '' : `    … ${omittedLines} more changed lines are left out\n`;
  return `${isCoarse ? '    (too different to be compared line by line)\n' : ''}${shown}${omitted}`;
}

function lineAsText({ kind, before, after, text, cutBefore, cutAfter }: DifferenceLine): string {
  const number = String(after ?? before ?? '').padStart(6);
  const start = cutBefore === 0 ? '' : `[${cutBefore} characters] `;
  const end = cutAfter === 0 ? '' : ` [${cutAfter} characters]`;
  return printableLines(`${number} ${SIGNS[kind]} ${start}${text.replaceAll('\t', '    ')}${end}`, MAX_TEXT) + '\n';
}
