import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustItem } from '../authority/trust-items.js';
import { readConfig } from '../config.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { inTransaction } from '../database/connect.js';
import { wordsOfError } from '../error-words.js';
import { printable } from '../report/printable.js';
import { InterruptedError, type Terminal } from './command.js';
import { asOperator } from './operator.js';
import { describeItem } from './trust-words.js';

/**
 * Writes a change of the gate's trust folder into the audit log of its store, where there is one at hand. The change is in
 * force already: that it could not be written down is said, and undoes nothing.
 */
export async function recordTrustChange(
  folder: string,
  kind: 'trust-added' | 'trust-removed',
  { items, legacy }: { readonly items: readonly TrustItem[]; readonly legacy?: boolean },
  terminal: Terminal,
): Promise<void> {
  const { trustDir, databaseUrl, dataDir } = readConfig(terminal.environment, terminal.workingFolder);
  if (folder !== trustDir || (databaseUrl === null && !(await isThere(join(dataDir, 'postgres'))))) return;
  const facts = { items: items.map(describeItem), ...(legacy === true && { legacy }) };
  try {
    await asOperator(terminal, false, async ({ database, caller }) => {
      await inTransaction(database, (tx) =>
        appendAuditEntry(tx, {
          kind,
          accountId: caller.accountId,
          appId: null,
          subject: { type: 'store', id: 'trust' },
          reason: '',
          ...(kind === 'trust-added' ? { after: facts } : { before: facts }),
        }),
      );
      return 0;
    });
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    terminal.err(
      `Warning: it is done, but could not be written into the audit log: ${printable(wordsOfError(error), 1_024)}\n`,
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
