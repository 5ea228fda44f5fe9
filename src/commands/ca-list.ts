import { isAppId } from '../app/app-id.js';
import { readLedgerPage, statusOfCertificate } from '../authority/read-ledger.js';
import type { CertificateSummary } from '../database/certificates.js';
import { certificateEntry } from '../http/certificate-representations.js';
import { UsageError, type Command } from './command.js';
import { ABOUT_OPERATORS } from './operator.js';
import { isSet, textOption } from './option-values.js';
import { onStoreAuthority, type AuthorityOperator } from './store-authority.js';
import { asTable, shortTime } from './table.js';

const PAGE = 500;

/** `portcullis ca list`: the ledger of the store's own authority. */
export const caList: Command = {
  name: 'ca list',
  summary: "Lists the certificates that the store's own authority issued, the newest first.",
  usage: '[--app ID] [--json]',
  options: { app: { type: 'string' }, json: { type: 'boolean' } },
  optionHelp: { app: 'only those of this app', json: 'prints them as JSON, in the shape of the API' },
  about: `"intended" is one that was about to be issued and of which nobody wrote down that it was.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('The app is named with --app.');
    const appId = textOption(args, 'app') ?? null;
    if (appId !== null && !isAppId(appId)) throw new UsageError(`"${appId}" is no app id.`);
    return onStoreAuthority(args, terminal, async ({ parts }) => {
      const rows = await readLedger(parts, appId);
      const at = parts.now();
      if (isSet(args, 'json')) {
        terminal.out(`${JSON.stringify({ certificates: rows.map((row) => certificateEntry(row, at)) }, null, 2)}\n`);
        return 0;
      }
      const lines = rows.map((row) => [
        row.serial,
        row.appId,
        statusOfCertificate(row, at),
        shortTime(row.notAfter),
        row.revokedAt === null ? '' : `${shortTime(row.revokedAt)}, ${row.revocationReason ?? ''}`,
      ]);
      terminal.out(asTable([['SERIAL', 'APP', 'STATUS', 'UNTIL', 'REVOKED'], ...lines]));
      return 0;
    });
  },
};

async function readLedger(
  parts: AuthorityOperator['parts'],
  appId: string | null,
): Promise<readonly CertificateSummary[]> {
  const rows: CertificateSummary[] = [];
  for (let after: string | null = null; ; after = rows.at(-1)?.serial ?? null) {
    const page = await readLedgerPage(parts, { appId, status: null, after, limit: PAGE });
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}
