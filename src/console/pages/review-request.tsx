import type { JSX } from 'preact';
import { isAllLost } from '../../authority/lost-certificates.js';
import type { SigningRequestFile } from '../../authority/read-signing-requests.js';
import { Badge } from '../parts/badge.js';
import { Callout } from '../parts/callout.js';
import { Digest } from '../parts/code.js';
import { Card, Facts } from '../parts/sections.js';
import { Time } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';

const purposes = {
  new: 'the first certificate of the app',
  renewal: 'the next certificate, over a new or the same key',
  lost: 'one in the place of others, which are revoked with it',
  additional: 'one beside others, for a build machine say',
} as const;

/** Everything that a moderator needs to know about a signing request. */
export function RequestCard({ file }: { readonly file: SigningRequestFile }): JSX.Element {
  const { request, token, isUrlPublished, challenges, issued } = file;
  const challenge = challenges.at(-1);
  return (
    <Card title="What is asked for">
      {token?.revokedAt != null && (
        <Callout kind="warning" title="Can only be declined">
          The token that asked for it was revoked since.
        </Callout>
      )}
      <Facts
        facts={[
          ['Purpose', `${request.purpose}: ${purposes[request.purpose]}`],
          ['Revokes', replaced(file)],
          [
            'In wrong hands',
            request.compromisedSince && (
              <>
                since <Time at={request.compromisedSince} />
              </>
            ),
          ],
          ['Key', request.keyKind],
          ['Key’s SHA-256', <Digest value={request.publicKey} length={16} />],
          [
            'Asked for by',
            <>
              <a href={`console/people/${encodeURIComponent(request.accountName)}`}>{request.accountName}</a>,{' '}
              <Time at={request.requestedAt} />
            </>,
          ],
          [
            'With the token',
            token && (
              <>
                {token.label === '' ? 'without a label' : `“${shown(token.label)}”`}{' '}
                <span class="small quiet">({token.scopes.join(', ')})</span>
              </>
            ),
          ],
          // Not a link: what an applicant declares is for reading, and for a moderator to go to by themselves.
          [
            'Website',
            request.declaredUrl === null ? (
              'None declared'
            ) : (
              <>
                <code>{shown(request.declaredUrl)}</code>{' '}
                {isUrlPublished === true ? (
                  <Badge tone="good">what the published releases declare</Badge>
                ) : (
                  <Badge tone="warning">not what the published releases declare</Badge>
                )}
              </>
            ),
          ],
          ['Control of it', challenge === undefined ? 'Nothing was looked for' : <Control challenge={challenge} />],
          ['Contact', request.contact === null ? null : shown(request.contact)],
          [
            'Certificate',
            issued === null ? null : (
              <a href={`console/store/certificates/${request.serial ?? ''}`}>
                <code>{request.serial}</code>
              </a>
            ),
          ],
        ]}
      />
      {request.note !== '' && (
        <>
          <h3>Note of the applicant</h3>
          <Words text={request.note} />
        </>
      )}
    </Card>
  );
}

function replaced({ request }: SigningRequestFile): JSX.Element | string | null {
  if (isAllLost(request)) return 'all certificates of the app that count when it is granted';
  if (request.replaces.length === 0) return null;
  return (
    <>
      {request.replaces.map((serial) => (
        <span key={serial}>
          <a href={`console/store/certificates/${serial}`}>
            <code>{serial}</code>
          </a>{' '}
        </span>
      ))}
    </>
  );
}

function Control({
  challenge: { outcome, provenUrl, detail, checkedAt, isUrlPublished },
}: {
  readonly challenge: SigningRequestFile['challenges'][number];
}): JSX.Element {
  if (outcome === null) return <>A value was given out, and not looked for yet</>;
  return (
    <>
      {outcome === 'proven' ? <Badge tone="good">proven</Badge> : <Badge tone="warning">not proven</Badge>}{' '}
      {provenUrl !== null && <code>{shown(provenUrl)}</code>}
      {checkedAt !== null && (
        <>
          {' '}
          <Time at={checkedAt} />
        </>
      )}
      {detail !== '' && <span class="small"> {shown(detail)}</span>}
      {!isUrlPublished && outcome === 'proven' && (
        <span class="small quiet"> Of an address that no published release declares: it proves that one only.</span>
      )}
    </>
  );
}
