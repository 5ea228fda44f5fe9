import type { Session } from '../../accounts/sessions.js';
import { drain } from '../../http/broken-request.js';
import { withReceivedArchive } from '../../http/receive-archive.js';
import { requireAppId, requireUploader } from '../../releases/ownership.js';
import { submitRelease } from '../../releases/submit-release.js';
import { RequestError } from '../../request-error.js';
import type { PageContext, Redirect } from '../page.js';
import { submissionPath } from './developer-words.js';
import { sizeOf } from './moderation-words.js';

type UploadContext = Pick<
  PageContext<'signed-in', unknown, unknown, unknown>,
  'gate' | 'request' | 'response' | 'requireToken'
> & { readonly session: Session };

/**
 * Takes the archive of a form through the gate, and leads to the page of the submission, whatever became of it.
 *
 * @param appId the app that the form is about; null: the form's field `appId` says it
 * @throws RequestError where nothing could be judged: no archive, somebody else's app
 */
export async function receiveUpload(
  { gate, session: { caller }, request, response, requireToken }: UploadContext,
  appId: string | null,
): Promise<Redirect> {
  try {
    // Before the body is read, to spare both sides the upload.
    if (appId !== null) await requireUploader(gate.database, gate, caller, appId);
    return await withReceivedArchive(gate, request, response, appId ?? '', async (upload) => {
      requireToken();
      const own = appId ?? typedAppId(request.body);
      await requireUploader(gate.database, gate, caller, own);
      const { submission } = await submitRelease(gate, caller, { ...upload, appId: own }, null);
      return { redirect: submissionPath(submission.id) };
    });
  } catch (error) {
    // What is wrong is said on the page of the form, which a browser sees only once all that it sends has been read.
    drain(request, response);
    throw inWordsOfForms(error, gate.limits.archiveBytes);
  }
}

/** What is said of names of fields and of the API means nothing to whoever chose a file on a page. */
function inWordsOfForms(error: unknown, maxBytes: number): unknown {
  if (!(error instanceof RequestError)) return error;
  const field = { field: 'archive' };
  if (error.code === 'ARCHIVE_FIELD_MISSING') {
    return new RequestError(error.code, 'Choose the file to upload: none was sent.', field);
  }
  if (error.code === 'ARCHIVE_TOO_LARGE') {
    return new RequestError(
      error.code,
      `The archive is larger than ${sizeOf(maxBytes)}, the most that is taken.`,
      field,
    );
  }
  return error;
}

/** @throws RequestError `APP_ID_INVALID`, with the field to mend */
function typedAppId(body: unknown): string {
  const typed = (body as Readonly<Record<string, unknown>> | undefined)?.['appId'];
  const appId = typeof typed === 'string' ? typed.trim() : '';
  try {
    requireAppId(appId);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError('APP_ID_INVALID', error.message, { field: 'appId' });
  }
  return appId;
}
