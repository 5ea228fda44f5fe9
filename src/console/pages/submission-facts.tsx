import type { JSX } from 'preact';
import type { SubmissionRow } from '../../database/submissions.js';
import { Digest } from '../parts/code.js';
import { Card, Facts } from '../parts/sections.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { sizeOf } from './moderation-words.js';

/** What an upload is: its bytes, its signature, and what looked at it. */
export function SubmissionFacts({ submission }: { readonly submission: SubmissionRow }): JSX.Element {
  const { id, archiveSha256, archiveBytes, submittedAt, report } = submission;
  const { app, archive, signature, gate } = report;
  const { signer } = signature;
  return (
    <Card title="The upload">
      <Facts
        facts={[
          ['Name', app === null ? null : shown(app.name)],
          ['Uploaded', <Time at={submittedAt} />],
          [
            'Archive',
            archive === null
              ? sizeOf(archiveBytes)
              : `${archive.files} files, ${sizeOf(archive.inflatedBytes)} in ${sizeOf(archiveBytes)}`,
          ],
          ['SHA-256 of the archive', <Digest value={archiveSha256} length={64} />],
          ['Signature', signatureWords(report.signature)],
          ['Signed by', signer && `CN=${shown(signer.commonName)}`],
          ['Serial', signer && <code>{shown(signer.serial)}</code>],
          ['Issued by', signer && shown(signer.issuer)],
          ['Certificate counts', signer && `${signer.notBefore.slice(0, 10)} to ${signer.notAfter.slice(0, 10)}`],
          ['Gate', `version ${gate.version}`],
          ['Trust', <Digest value={gate.trust} />],
          ['Submission', <code>{id}</code>],
        ]}
      />
    </Card>
  );
}

function signatureWords({ status, format, algorithm }: SubmissionRow['report']['signature']): string {
  if (status === 'absent') return 'none';
  return [status, format === null ? null : `format ${format}`, algorithm].filter((each) => each !== null).join(', ');
}
