import type { JSX } from 'preact';
import { z } from 'zod';
import { catalogue } from '../../report/catalogue.js';
import type { CatalogueEntry } from '../../report/catalogue-entry.js';
import { RequestError } from '../../request-error.js';
import { definePage, type Page } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Empty, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';

const entries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(catalogue);

const meaning = {
  error: 'An upload with it is refused.',
  hold: 'An upload with it waits for a moderator.',
  warning: 'It is said, and refuses nothing.',
  notice: 'It is said, and refuses nothing.',
} as const;

/** What can be wrong with an upload, for everybody. */
export const findingPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/findings', access: 'anyone' },
    { query: z.object({ q: z.string().max(100).default('') }) },
    ({ query: { q } }) => {
      const words = q.toLowerCase().split(/\s+/).filter(Boolean);
      const found = entries.filter(([code, { message, about }]) => {
        const text = `${code} ${message} ${about}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      return {
        title: 'What findings mean',
        lead: 'Everything that the gate can say about an upload: what it means, how it comes about, and how to mend it.',
        wide: true,
        body: (
          <>
            <form class="filters" role="search">
              <div class="field">
                <label for="q">Code or words</label>
                <input id="q" type="search" name="q" value={q} placeholder="signature" maxlength={100} />
              </div>
              <button class="button">Search</button>
            </form>
            {found.length === 0 ? (
              <Empty
                title="No finding fits"
                action={
                  <a class="button" href="console/findings">
                    All findings
                  </a>
                }
              >
                Try a word of the message, or a part of the code.
              </Empty>
            ) : (
              <Table
                caption="Findings"
                rows={found}
                rowKey={([code]) => code}
                columns={[
                  {
                    label: 'Code',
                    cell: ([code]) => (
                      <a href={`console/findings/${code}`}>
                        <code>{code}</code>
                      </a>
                    ),
                  },
                  { label: 'Severity', cell: ([, { severity }]) => <WordBadge word={severity} /> },
                  { label: 'Message', cell: ([, { message }]) => message },
                ]}
              />
            )}
          </>
        ),
      };
    },
  ),
  definePage(
    { method: 'get', path: '/console/findings/{code}', access: 'anyone' },
    { params: z.object({ code: z.string() }) },
    ({ params: { code } }) => {
      const entry = entries.find(([name]) => name === code)?.[1];
      if (entry === undefined) throw new RequestError('NOT_FOUND', 'There is no finding with this code.');
      return {
        title: code,
        crumbs: [{ label: 'What findings mean', href: 'console/findings' }, { label: code }],
        lead: entry.message,
        body: <Finding entry={entry} />,
      };
    },
  ),
];

function Finding({ entry }: { readonly entry: CatalogueEntry }): JSX.Element {
  const { severity, about, innocently, fix, configurable, liftable, retired } = entry;
  return (
    <>
      <p class="cluster">
        <WordBadge word={severity} />
        {configurable === true && <Badge>weighed by each store</Badge>}
        {retired !== undefined && <Badge>no longer reported</Badge>}
      </p>
      <section class="stack">
        <h2>What it means</h2>
        <p>
          {about} {meaning[severity]}
        </p>
      </section>
      {innocently !== undefined && (
        <section class="stack">
          <h2>How it comes about innocently</h2>
          <p>{innocently}</p>
        </section>
      )}
      {fix !== undefined && (
        <section class="stack">
          <h2>How to mend it</h2>
          <p>{fix}</p>
        </section>
      )}
      <section class="stack">
        <h2>Who decides</h2>
        <Facts
          facts={[
            [
              'Weight',
              configurable === true
                ? 'Each store may let it refuse, hold for a moderator, only be noted, or leave it out.'
                : 'The same in every store.',
            ],
            [
              'Exceptions',
              liftable === true
                ? 'A moderator may lift it for one upload.'
                : severity === 'error'
                  ? 'None: no moderator can lift it.'
                  : null,
            ],
            ['Retired', retired ?? null],
          ]}
        />
      </section>
    </>
  );
}
