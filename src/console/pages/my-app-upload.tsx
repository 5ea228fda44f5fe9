import type { JSX } from 'preact';
import type { Gate } from '../../gate.js';
import type { Requirements } from '../../releases/requirements.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { FileField } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card } from '../parts/sections.js';
import { Day, Time } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';
import { ownAppPath, signAndPack } from './developer-words.js';
import { sizeOf } from './moderation-words.js';

/** Says that an app is suspended, and why. */
export function Suspension({
  requirements: { suspended },
}: {
  readonly requirements: Requirements;
}): JSX.Element | null {
  if (suspended === null) return null;
  return (
    <Callout kind="bad" title="This app is suspended">
      <p>
        Since <Time at={new Date(suspended.since)} />: nothing of it is served, and nothing is taken. The reason given:
      </p>
      <Words text={suspended.reason} />
    </Callout>
  );
}

/** The way in for the next release, and what it needs. */
export function UploadCard({
  gate: { limits },
  requirements,
}: {
  readonly gate: Gate;
  readonly requirements: Requirements;
}): JSX.Element {
  const { appId, signature } = requirements;
  return (
    <Card title="Upload the next release" id="upload">
      <Needs requirements={requirements} />
      <Form action={`${ownAppPath(appId)}/upload`} upload>
        <FileField
          name="archive"
          label="Archive"
          hint={`A zip with the folder ${appId}/ in it, of ${sizeOf(limits.archiveBytes)} at most.`}
          accept=".zip,application/zip"
        />
        <Button look="primary">Upload</Button>
      </Form>
      <details>
        <summary>{signature.required ? 'How to sign and pack it' : 'How to pack it, and to sign it'}</summary>
        <Code text={signAndPack(appId)} />
      </details>
    </Card>
  );
}

const because = {
  OFFICIAL_APP_UNSIGNED: 'because it is an official app',
  SIGNATURE_DROPPED: 'because it was signed before',
  SIGNING_REQUIRED: 'because this store takes signed apps only',
} as const;

function Needs({ requirements: { signature } }: { readonly requirements: Requirements }): JSX.Element {
  if (!signature.required || signature.reason === null) {
    return (
      <Callout title="It need not be signed">
        The first release that is signed makes a signature necessary for every later one, so that nobody who gets hold
        of your account alone can update your app. <a href="console/my/certificates">A certificate to sign with</a>{' '}
        comes from this store.
      </Callout>
    );
  }
  return (
    <Callout kind="warning" title="It must be signed">
      {because[signature.reason]}
      {signature.because !== null && signature.reason !== 'SIGNING_REQUIRED' && (
        <>
          , for the first time with {shown(signature.because.version)} on{' '}
          <Day at={new Date(signature.because.publishedAt)} />
        </>
      )}
      . An unsigned upload is refused with{' '}
      <a href={`console/findings/${signature.reason}`}>
        <code>{signature.reason}</code>
      </a>
      .
    </Callout>
  );
}
