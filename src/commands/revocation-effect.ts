import { printable } from '../report/printable.js';
import type { Terminal } from './command.js';
import { asTable, shortTime } from './table.js';

/** A release that a revocation touches, from the database or from the API. */
interface AffectedRelease {
  readonly appId: string;
  readonly version: string;
  readonly status: string;
  readonly publishedAt: Date | string;
}

/** What a revocation does, from the database or from the API. */
interface Effect {
  readonly certificate: {
    readonly serial: string;
    readonly appId: string;
    readonly fingerprint: string | null;
    readonly revokedAt: Date | string | null;
    readonly revocationReason: string | null;
    readonly invalidityDate: Date | string | null;
  };
  /** Others over the same key. */
  readonly alsoRevoked: readonly { readonly serial: string; readonly appId: string }[];
  readonly quarantined: readonly AffectedRelease[];
  readonly kept: readonly AffectedRelease[];
  readonly remaining: readonly { readonly serial: string; readonly notAfter: Date | string | null }[];
}

/** Says what a revocation does, or before it is done what it would do. */
export function printRevocationEffect(
  terminal: Terminal,
  { certificate, alsoRevoked, quarantined, kept, remaining }: Effect,
  isDone: boolean,
): void {
  const { serial, appId, fingerprint } = certificate;
  terminal.out(
    asTable([
      ['  certificate', serial],
      ['  SHA-256', fingerprint ?? 'unknown: nobody wrote down that it was issued'],
      ['  app', appId],
      ['  revoked', revocationOf(certificate)],
    ]),
  );
  list(
    terminal,
    `${isDone ? 'Revoked' : 'Would be revoked'} with it, being over the same key`,
    alsoRevoked.map((each) => [`  ${each.serial}`, each.appId]),
  );
  list(terminal, `${isDone ? 'Quarantined' : 'Would be quarantined'}, no longer served`, quarantined.map(rowOf));
  list(terminal, `${isDone ? 'Stay' : 'Would stay'} as they are, and are marked`, kept.map(rowOf));
  list(
    terminal,
    `Other certificates of ${appId} that count`,
    remaining.map((each) => [`  ${each.serial}`, `until ${shortTime(each.notAfter)}`]),
  );
  if (remaining.length === 0) terminal.out(`\n${appId} has no other certificate that counts.\n`);
}

function revocationOf({ revokedAt, revocationReason, invalidityDate }: Effect['certificate']): string {
  if (revokedAt === null) return 'no';
  const since = invalidityDate === null ? '' : `, in wrong hands since ${shortTime(invalidityDate)}`;
  return `${shortTime(revokedAt)}, ${revocationReason ?? ''}${since}`;
}

function rowOf({ appId, version, status, publishedAt }: AffectedRelease): readonly string[] {
  return [`  ${appId} ${printable(version, 100)}`, `published ${shortTime(publishedAt)}`, status];
}

function list(terminal: Terminal, title: string, rows: readonly (readonly string[])[]): void {
  if (rows.length > 0) terminal.out(`\n${title}:\n${asTable(rows)}`);
}
