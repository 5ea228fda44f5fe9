import type { JSX } from 'preact';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { listStoredFiles, type ListedFile } from '../../moderation/list-stored-files.js';
import { readReview } from '../../moderation/read-review.js';
import { readStoredFile, type StoredFile } from '../../moderation/stored-archive.js';
import { RequestError } from '../../request-error.js';
import { definePage, type Page } from '../page.js';
import { ButtonLink } from '../parts/button.js';
import { Digest } from '../parts/code.js';
import { Empty, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { sizeOf, titleOf } from './moderation-words.js';
import { ReviewTabs } from './review-head.js';

const params = z.object({ id: z.uuid() });
const side = z.enum(['before', 'after']).catch('after');
const MAX_LISTED = 1_000;

type Side = z.infer<typeof side>;

/** The files of the archive that a review is about, to be looked at: text with its lines, anything else as hex. */
export const reviewFilePages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/reviews/{id}/files', access: 'moderator' },
    {
      params,
      query: z.object({ path: z.string().max(4_096).optional(), side, q: z.string().trim().max(200).catch('') }),
    },
    async ({ gate, session, params: { id }, query }) => {
      const { review } = await readReview(gate, session.caller, id);
      const crumbs = [
        { label: 'Queue', href: 'console/queue' },
        { label: titleOf(review), href: `console/reviews/${id}` },
      ];
      if (query.path === undefined) {
        const found = await listStoredFiles(gate, session.caller, {
          reviewId: id,
          side: query.side,
          q: query.q === '' ? null : query.q,
          limit: MAX_LISTED,
        });
        return {
          title: `Files: ${titleOf(review)}`,
          wide: true,
          crumbs: [...crumbs, { label: 'Files' }],
          body: <FileList id={id} side={query.side} q={query.q} {...found} />,
        };
      }
      const file = await findFile(() =>
        readStoredFile(gate, session.caller, { reviewId: id, path: query.path ?? '', side: query.side }),
      );
      return {
        title: file === null ? 'There is no such file' : `File: ${file.name}`,
        wide: true,
        status: file === null ? 404 : 200,
        crumbs: [...crumbs, { label: 'Files', href: filesOf(id, query.side) }, { label: file?.name ?? 'No such file' }],
        body:
          file === null ? (
            <Empty
              title="It is not in this archive"
              action={
                <a class="button" href={filesOf(id, query.side)}>
                  All its files
                </a>
              }
            >
              Reports also name what is missing, and names that nobody can open; of an archive with a fault only the
              files before it can be looked at.
            </Empty>
          ) : (
            <FileView id={id} side={query.side} file={file} />
          ),
      };
    },
  ),
  definePage(
    { method: 'get', path: '/console/reviews/{id}/files/download', access: 'moderator' },
    { params, query: z.object({ path: z.string().max(4_096), side }) },
    async ({ gate, session, params: { id }, query }) => {
      const file = await readStoredFile(gate, session.caller, { reviewId: id, ...query });
      const rest = file.omittedBytes === 0 ? '' : `\n… ${file.omittedBytes} of ${file.bytes} bytes are not shown.\n`;
      return {
        stream: Readable.from([Buffer.from(`${file.text ?? file.hex ?? ''}${rest}`)]),
        contentType: 'text/plain; charset=utf-8',
        headers: {
          // Whatever it is called: never a page, a picture or a script.
          'content-disposition': `attachment; filename="${fileName(file.path)}.txt"`,
          'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
          'x-content-type-options': 'nosniff',
        },
      };
    },
  ),
];

/** `path` as the end of a name that no header and no file system mistakes. */
function fileName(path: string): string {
  return path
    .replace(/^.*\//s, '')
    .replace(/[^0-9A-Za-z._-]/g, '_')
    .slice(0, 100);
}

async function findFile(read: () => Promise<StoredFile>): Promise<StoredFile | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RequestError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

function filesOf(id: string, of: Side): string {
  return `console/reviews/${id}/files${of === 'before' ? '?side=before' : ''}`;
}

function FileList({
  id,
  side: of,
  q,
  files,
  omitted,
  complete,
}: {
  readonly id: string;
  readonly side: Side;
  readonly q: string;
  readonly files: readonly ListedFile[];
  readonly omitted: number;
  readonly complete: boolean;
}): JSX.Element {
  return (
    <>
      <ReviewTabs id={id} hasArchive current="files" />
      <form class="filters" role="search">
        {of === 'before' && <input type="hidden" name="side" value="before" />}
        <div class="field grow">
          <label for="q">A part of the path</label>
          <input id="q" type="search" name="q" value={q} maxlength={200} />
        </div>
        <button class="button">Search</button>
      </form>
      {!complete && <p class="quiet">The archive can’t be read to its end; these are the files before its fault.</p>}
      {files.length === 0 ? (
        <Empty title="No file fits">{q === '' ? 'Nothing in it can be opened.' : 'No path holds these words.'}</Empty>
      ) : (
        <Table
          caption="Files of the archive, by path"
          rows={files}
          rowKey={({ path }) => path}
          rowLink={({ path }) => path}
          columns={[
            {
              label: 'Path',
              cell: ({ path, name }) => (
                <a
                  href={`console/reviews/${id}/files?path=${encodeURIComponent(path)}${of === 'before' ? '&side=before' : ''}`}
                >
                  <code>{name}</code>
                </a>
              ),
            },
            { label: 'Size', numeric: true, cell: ({ bytes }) => <span class="nowrap">{sizeOf(bytes)}</span> },
            { label: 'SHA-512', cell: ({ sha512 }) => <Digest value={sha512} /> },
          ]}
        />
      )}
      {omitted > 0 && <p class="quiet">{`${omitted} more are left out: search for a part of the path.`}</p>}
    </>
  );
}

function FileView({
  id,
  side: of,
  file,
}: {
  readonly id: string;
  readonly side: Side;
  readonly file: StoredFile;
}): JSX.Element {
  const { name, path, bytes, sha512, text, hex, omittedBytes } = file;
  const download = `console/reviews/${id}/files/download?path=${encodeURIComponent(path)}${of === 'before' ? '&side=before' : ''}`;
  return (
    <>
      <ReviewTabs id={id} hasArchive current="files" />
      <Facts
        facts={[
          ['Of', of === 'before' ? 'the release before' : 'what the review is about'],
          ['Size', sizeOf(bytes)],
          ['SHA-512', <Digest value={sha512} length={32} />],
        ]}
      />
      <p class="cluster">
        <ButtonLink href={download} small>
          Download as plain text
        </ButtonLink>
      </p>
      {text !== null ? (
        <SourceText name={name} text={text} />
      ) : hex !== null ? (
        <pre class="text" tabIndex={0} aria-label={`Bytes of ${name}`}>
          {hex}
        </pre>
      ) : (
        <Empty title="Too large to be shown">No person reads a file of this size.</Empty>
      )}
      {omittedBytes > 0 && (text ?? hex) !== null && (
        <p class="quiet">{`${sizeOf(omittedBytes)} more are not shown.`}</p>
      )}
    </>
  );
}

/** More lines than a browser lays out quickly, each with its number. */
const MAX_LINES = 20_000;

function SourceText({ name, text }: { readonly name: string; readonly text: string }): JSX.Element {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const numbered = lines.slice(0, MAX_LINES);
  return (
    <>
      <div class="source" tabIndex={0} role="region" aria-label={`Text of ${name}`}>
        <ol>
          {numbered.map((line, index) => (
            <li key={index} id={`L${index + 1}`}>
              <code>{line}</code>
            </li>
          ))}
        </ol>
      </div>
      {lines.length > MAX_LINES && <p class="quiet">{`${lines.length - MAX_LINES} more lines are in the download.`}</p>}
    </>
  );
}
