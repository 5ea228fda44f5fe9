import type { z } from 'zod';
import type { signingRequestSchema } from '../http/signing-request-representations.js';
import { printable } from '../report/printable.js';
import { asTable, shortTime } from './table.js';

type RequestAnswer = z.infer<typeof signingRequestSchema>;
type Challenge = Pick<RequestAnswer['challenges'][number], 'outcome' | 'detail' | 'provenUrl' | 'checkedAt'>;

/** A signing request as the API tells it. */
type SigningRequest = Omit<RequestAnswer, 'lost' | 'challenges' | 'events'> & {
  readonly lost: readonly string[];
  readonly challenges: readonly Challenge[];
  readonly events: readonly RequestAnswer['events'][number][];
};

const MAX_TEXT = 2_100;

/** Everything about a signing request, for a terminal. */
export function requestAsText(request: SigningRequest): string {
  const { declaredUrl, challenges, events } = request;
  const challenge = challenges.at(-1);
  const rows = [
    ['  app', request.appId],
    ['  purpose', purposeOf(request)],
    ['  key', `${request.key.kind}, SHA-256 ${request.key.fingerprint}`],
    ['  requested', `${shortTime(request.requestedAt)} by ${request.requestedBy}`],
    ...(request.token === null ? [] : [['  token', tokenWords(request.token)]]),
    ...(declaredUrl === null ? [] : [['  website', `${declaredUrl}${publishedWords(request.declaredUrlIsPublished)}`]]),
    ...(challenge === undefined ? [] : [['  control', challengeWords(challenge)]]),
    ...(request.contact === null ? [] : [['  contact', request.contact]]),
    ...(request.serial === null ? [] : [['  serial', request.serial]]),
  ];
  const history = events.map(({ happenedAt, kind, account, text }) => [
    `  ${shortTime(happenedAt)}`,
    kind,
    account,
    text,
  ]);
  return `Signing request ${request.id} is ${request.state}\n\n${table(rows)}\n${table(history)}`;
}

/** What came of looking for the value that proves control of a repository or website. */
export function challengeWords({ outcome, detail, provenUrl, checkedAt }: Challenge): string {
  if (outcome === 'proven') return `proven at ${provenUrl ?? ''}`;
  return outcome === null ? 'not looked for yet' : `not proven (${shortTime(checkedAt)}): ${detail}`;
}

function purposeOf({ purpose, lost, compromisedSince }: SigningRequest): string {
  const since = compromisedSince === null ? '' : `, in wrong hands since ${shortTime(compromisedSince)}`;
  if (purpose !== 'lost') return purpose;
  return `${purpose}; revokes ${lost.length === 0 ? 'all that count when it is granted' : lost.join(', ')}${since}`;
}

function tokenWords({ label, scopes, revoked }: NonNullable<RequestAnswer['token']>): string {
  const words = `${label === '' ? 'without a label' : label} (${scopes.join(', ')})`;
  return revoked ? `${words}, revoked since: the request can only be declined` : words;
}

function publishedWords(isPublished: boolean | null): string {
  return isPublished === true ? '' : ' (not what the published releases declare)';
}

/** What applicants write goes to a moderator's terminal, where it must not steer anything. */
function table(rows: readonly (readonly string[])[]): string {
  return asTable(rows.map((row) => row.map((cell) => printable(cell, MAX_TEXT))));
}
