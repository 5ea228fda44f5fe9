import { resolve } from 'node:path';
import { TrustChangeError, fingerprintOf } from '../authority/trust-items.js';
import type { TrustItem } from '../authority/trust-items.js';
import { readConfig } from '../config.js';
import type { Config } from '../config.js';
import { printable } from '../report/printable.js';
import { RefusedError } from './command.js';
import type { Arguments, Terminal } from './command.js';
import { textOption } from './option-values.js';

const MAX_NAME = 300;

/** Said at the end of the help of every command on a trust folder. */
export const ABOUT_TRUST = `The trust folder says whom the gate believes: roots, intermediates, and revocation lists of authorities outside. A
running gate on the same folder goes by a change from its next upload on.`;

/** The folder that is meant: that of --trust, or else the gate's. */
export function chosenTrustFolder(
  args: Arguments,
  { environment, workingFolder }: Terminal,
): { readonly folder: string; readonly config: Config } {
  const config = readConfig(environment, workingFolder);
  const named = textOption(args, 'trust');
  return { config, folder: named === undefined ? config.trustDir : resolve(workingFolder, named) };
}

/** What must not be done to a trust folder is refused, with exit 1. */
export async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TrustChangeError) throw new RefusedError(error.message);
    throw error;
  }
}

/** An item as `--json` shows it. */
export function describeItem(item: TrustItem): Readonly<Record<string, string | number | null>> {
  const { kind } = item;
  if (item.kind === 'list') {
    const { issuer, number, thisUpdate, nextUpdate, revoked } = item.list;
    const times = { thisUpdate: thisUpdate.toISOString(), nextUpdate: nextUpdate?.toISOString() ?? null };
    return { kind, issuer, number, sha256: fingerprintOf(item), ...times, revoked: revoked.size };
  }
  const { subject, issuer, notBefore, notAfter } = item.certificate;
  const times = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() };
  return { kind, subject, issuer, sha256: fingerprintOf(item), ...times };
}

/** Whose an item is, on one line. */
export function nameOfItem(item: TrustItem): string {
  return printable(item.kind === 'list' ? item.list.issuer : item.certificate.subject, MAX_NAME);
}

/** Until when an item counts. */
export function endOfItem(item: TrustItem): Date | null {
  return item.kind === 'list' ? item.list.nextUpdate : item.certificate.notAfter;
}
