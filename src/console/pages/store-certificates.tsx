import type { JSX } from 'preact';
import { z } from 'zod';
import { statusOfCertificate } from '../../authority/read-ledger.js';
import { searchLedger } from '../../authority/search-ledger.js';
import { certificateStatuses, type CertificateSummary } from '../../database/certificates.js';
import { RequestError } from '../../request-error.js';
import { definePage, type Page } from '../page.js';
import { WordBadge } from '../parts/badge.js';
import { ButtonLink } from '../parts/button.js';
import { Empty, Pager } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day } from '../parts/time.js';
import { useSurroundings } from '../surroundings.js';

const PAGE = 50;
const standings = [...certificateStatuses, 'expiring'] as const;
const query = z.object({
  q: z.string().trim().max(100).catch(''),
  status: z.enum(['any', ...standings]).catch('any'),
  after: z.string().max(80).optional().catch(undefined),
});

type Query = z.infer<typeof query>;

const pathOf = (serial: string): string => `console/store/certificates/${serial}`;

/** The ledger of the store's certificates. */
export const storeLedgerPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/store/certificates', access: 'moderator' },
    { query },
    async ({ gate, query: asked }) => ({
      title: 'Certificates',
      lead: 'Every certificate that this store ever issued.',
      wide: true,
      actions: <ButtonLink href="console/queue?kind=signing-request">Open requests</ButtonLink>,
      body: await ledger(() =>
        searchLedger(gate, {
          q: asked.q === '' ? null : asked.q,
          standing: asked.status === 'any' ? null : asked.status,
          days: gate.expiryNoticeDays,
          after: asked.after ?? null,
          limit: PAGE,
        }).then(({ certificates, next }) => (
          <>
            <Filters asked={asked} days={gate.expiryNoticeDays} />
            {certificates.length === 0 ? <Nothing asked={asked} /> : <Certificates certificates={certificates} />}
            <Pager next={next} />
          </>
        )),
      ),
    }),
  ),
];

/** Where the store issues no certificates, that is said in the place of an empty list. */
async function ledger(read: () => Promise<JSX.Element>): Promise<JSX.Element> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'NO_AUTHORITY') throw error;
    return (
      <Empty title="This store issues no certificates">
        It has no authority of its own, and trusts the one in its trust folder. portcullis ca init makes one.
      </Empty>
    );
  }
}

function Filters({ asked, days }: { readonly asked: Query; readonly days: number }): JSX.Element {
  const labels: Readonly<Record<string, string>> = { any: 'any', expiring: `ends within ${days} days` };
  return (
    <form class="filters" role="search">
      <div class="field grow">
        <label for="q">App id or serial</label>
        <input id="q" type="search" name="q" value={asked.q} maxlength={100} spellcheck={false} />
      </div>
      <div class="field">
        <label for="status">Status</label>
        <select id="status" name="status">
          {['any', ...standings].map((status) => (
            <option key={status} value={status} selected={status === asked.status}>
              {labels[status] ?? status}
            </option>
          ))}
        </select>
      </div>
      <button class="button">Show</button>
    </form>
  );
}

function Nothing({ asked }: { readonly asked: Query }): JSX.Element {
  return asked.q === '' && asked.status === 'any' ? (
    <Empty
      title="No certificate was issued yet"
      action={
        <a class="button" href="console/queue?kind=signing-request">
          Open requests
        </a>
      }
    >
      One appears here as soon as a signing request is approved.
    </Empty>
  ) : (
    <Empty
      title="No certificate fits"
      action={
        <a class="button" href="console/store/certificates">
          All certificates
        </a>
      }
    >
      Give the whole id of an app, or a serial as openssl prints it.
    </Empty>
  );
}

function Certificates({ certificates }: { readonly certificates: readonly CertificateSummary[] }): JSX.Element {
  const { now } = useSurroundings();
  return (
    <Table
      caption="Certificates"
      rows={certificates}
      rowKey={({ serial }) => serial}
      rowLink={({ serial }) => pathOf(serial)}
      columns={[
        {
          label: 'Serial',
          cell: ({ serial }) => (
            <a href={pathOf(serial)}>
              <code>{serial}</code>
            </a>
          ),
        },
        { label: 'App', cell: ({ appId }) => <a href={`console/store/apps/${encodeURIComponent(appId)}`}>{appId}</a> },
        { label: 'Status', cell: (certificate) => <WordBadge word={statusOfCertificate(certificate, now)} /> },
        { label: 'Issued', cell: ({ issuedAt, intendedAt }) => <Day at={issuedAt ?? intendedAt} /> },
        { label: 'Ends', cell: ({ notAfter }) => (notAfter === null ? '–' : <Day at={notAfter} />) },
      ]}
    />
  );
}
