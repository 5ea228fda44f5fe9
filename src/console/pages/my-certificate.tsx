import type { JSX } from 'preact';
import { Readable } from 'node:stream';
import { bundleOf } from '../../authority/issue-certificate.js';
import { readOwnCertificate, type OwnCertificate } from '../../authority/own-certificates.js';
import { statusOfCertificate } from '../../authority/read-ledger.js';
import { RequestError } from '../../request-error.js';
import { definePage, type Page, type RawAnswer } from '../page.js';
import { WordBadge } from '../parts/badge.js';
import { ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code, Digest } from '../parts/code.js';
import { Card, Facts } from '../parts/sections.js';
import { Day, Time } from '../parts/time.js';
import { crumbsTo, RevokeCard } from './my-certificate-revocation.js';
import { serialParams } from './revocation-parts.js';
import { ownCertificatePath, signWith } from './my-certificate-words.js';

/** One certificate of an app, for its owners: to fetch, to sign with, to take back. */
export const ownCertificatePages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/my/certificates/{serial}', access: 'signed-in' },
    { params: serialParams },
    async ({ gate, session, params: { serial } }) => {
      const found = await readOwnCertificate(gate, session.caller, serial);
      const status = statusOfCertificate(found.certificate, gate.now());
      return {
        title: `Certificate of ${found.certificate.appId}`,
        crumbs: crumbsTo(serial),
        actions: <WordBadge word={status} />,
        body: (
          <>
            {status === 'intended' && (
              <Callout kind="warning" title="Nobody wrote down that it was issued">
                It may exist all the same. Nothing that is signed with it is accepted.
              </Callout>
            )}
            <Use found={found} isGood={status === 'valid'} />
            <About found={found} />
            <RevokeCard certificate={found.certificate} />
          </>
        ),
      };
    },
  ),
  definePage(
    { method: 'get', path: '/console/my/certificates/{serial}/bundle', access: 'signed-in' },
    { params: serialParams },
    async ({ gate, session, params: { serial } }) =>
      download(await readOwnCertificate(gate, session.caller, serial), 'bundle'),
  ),
  definePage(
    { method: 'get', path: '/console/my/certificates/{serial}/leaf', access: 'signed-in' },
    { params: serialParams },
    async ({ gate, session, params: { serial } }) =>
      download(await readOwnCertificate(gate, session.caller, serial), 'leaf'),
  ),
  definePage(
    { method: 'get', path: '/console/my/certificates/{serial}/chain', access: 'signed-in' },
    { params: serialParams },
    async ({ gate, session, params: { serial } }) =>
      download(await readOwnCertificate(gate, session.caller, serial), 'chain'),
  ),
];

/** A file of PEM: what `sign` takes as one, the certificate alone, or the rest. */
function download({ certificate, issued }: OwnCertificate, part: 'bundle' | 'leaf' | 'chain'): RawAnswer {
  if (issued === null) throw new RequestError('NOT_FOUND', 'The bytes of this certificate are not kept here.');
  const { leaf, chain } = issued;
  const [intermediate, ...others] = chain;
  if (part === 'chain' && intermediate === undefined) throw new RequestError('NOT_FOUND', 'It has no chain here.');
  const text =
    part === 'bundle'
      ? bundleOf(issued)
      : part === 'leaf'
        ? bundleOf({ leaf, chain: [] })
        : bundleOf({ leaf: intermediate ?? leaf, chain: others });
  const name = part === 'bundle' ? `${certificate.appId}.crt` : `${certificate.appId}-${part}.crt`;
  return {
    stream: Readable.from([Buffer.from(text)]),
    contentType: 'application/x-pem-file',
    headers: {
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
    },
  };
}

function Use({ found, isGood }: { readonly found: OwnCertificate; readonly isGood: boolean }): JSX.Element | null {
  const { certificate, issued } = found;
  if (issued === null) return null;
  const path = ownCertificatePath(certificate.serial);
  return (
    <Card title="Sign with it" lead="The certificate and what leads to the store’s root, in one file beside your key.">
      <p class="cluster">
        <ButtonLink href={`${path}/bundle`} look={isGood ? 'primary' : undefined}>
          Download {certificate.appId}.crt
        </ButtonLink>
        <a href={`${path}/leaf`}>Only the certificate</a>
        <a href={`${path}/chain`}>Only the chain</a>
      </p>
      {isGood && <Code text={signWith(certificate.appId)} />}
    </Card>
  );
}

function About({ found: { certificate, issued } }: { readonly found: OwnCertificate }): JSX.Element {
  const { serial, fingerprint, publicKey, notBefore, notAfter, issuedAt, requestId } = certificate;
  return (
    <Card title="What it is">
      <Facts
        facts={[
          ['App', certificate.appId],
          ['Serial', <code>{serial}</code>],
          ['Issued', issuedAt === null ? null : <Time at={issuedAt} />],
          ['Issued by', issued?.chain[0]?.commonNames[0] ?? null],
          [
            'Counts',
            notBefore !== null && notAfter !== null ? (
              <>
                <Day at={notBefore} /> to <Day at={notAfter} />
              </>
            ) : null,
          ],
          ['SHA-256', fingerprint === null ? null : <Digest value={fingerprint} length={64} />],
          ['Key’s SHA-256', <Digest value={publicKey} length={64} />],
          [
            'Asked for',
            requestId === null ? null : <a href={`console/my/certificates/requests/${requestId}`}>in this request</a>,
          ],
        ]}
      />
    </Card>
  );
}
