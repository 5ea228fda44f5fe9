import { z } from 'zod';
import { inviteCoOwner, offerTransfer, revokeInvitation } from '../../accounts/invitations.js';
import type { MadeLink } from '../../accounts/one-time-link.js';
import { removeCoOwner } from '../../releases/change-app.js';
import { RequestError } from '../../request-error.js';
import { optionalText } from '../form-fields.js';
import { definePage, type Page, type ShownPage } from '../page.js';
import { ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { Card } from '../parts/sections.js';
import { Day } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { ownAppPath } from './developer-words.js';
import { showOwnApp } from './my-app.js';

const params = z.object({ appId: z.string().max(64) });
const whom = z.object({ account: optionalText(64), email: optionalText(254) });

/** Who owns an app, who is invited to, and how that changes. */
export const ownerPages: readonly Page[] = [
  definePage(
    { method: 'post', path: '/console/my/apps/{appId}/co-owners', access: 'signed-in', again: showOwnApp },
    { params, form: whom },
    async ({ gate, session, params: { appId }, form }) =>
      made(appId, await naming(() => inviteCoOwner(gate, session.caller, { appId, ...somebody(form) }))),
  ),
  definePage(
    { method: 'post', path: '/console/my/apps/{appId}/transfer', access: 'signed-in', again: showOwnApp },
    { params, form: whom },
    async ({ gate, session, params: { appId }, form }) =>
      made(appId, await naming(() => offerTransfer(gate, session.caller, { appId, ...somebody(form) }))),
  ),
  definePage(
    {
      method: 'post',
      path: '/console/my/apps/{appId}/invitations/{id}/revocation',
      access: 'signed-in',
      again: showOwnApp,
    },
    { params: z.object({ appId: z.string().max(64), id: z.uuid() }) },
    async ({ gate, session, params: { appId, id } }) => {
      await revokeInvitation(gate, session.caller, id);
      return { redirect: ownAppPath(appId), flash: 'invitation-revoked' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/my/apps/{appId}/leave', access: 'signed-in', again: showOwnApp },
    { params },
    async ({ gate, session: { caller }, params: { appId } }) => {
      await removeCoOwner(gate, caller, appId, caller.accountName);
      return { redirect: 'console/my/apps', flash: 'app-left' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/my/apps/{appId}/owners/{name}/removal', access: 'signed-in', again: showOwnApp },
    { params: z.object({ appId: z.string().max(64), name: z.string().max(64) }) },
    async ({ gate, session, params: { appId, name } }) => {
      await removeCoOwner(gate, session.caller, appId, name);
      return { redirect: ownAppPath(appId), flash: 'saved' };
    },
  ),
];

/** @throws RequestError `INVALID_REQUEST` where both are named: mail goes to the address that the account has */
function somebody(form: z.infer<typeof whom>): z.infer<typeof whom> {
  if (form.account === null || form.email === null) return form;
  throw new RequestError('INVALID_REQUEST', 'Name an account or an address, not both.', { field: 'email' });
}

/** That there is no such account is said beside the field that names it. */
async function naming(invite: () => Promise<MadeLink>): Promise<MadeLink> {
  try {
    return await invite();
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'NOT_FOUND') throw error;
    throw new RequestError('INVALID_REQUEST', error.message, { field: 'account' });
  }
}

/** The answer to an invitation: the link, this once. */
function made(appId: string, { invitation, link }: MadeLink): ShownPage {
  return {
    title: invitation.kind === 'transfer' ? `${appId} is offered` : 'The invitation is made',
    crumbs: [
      { label: 'My apps', href: 'console/my/apps' },
      { label: appId, href: ownAppPath(appId) },
      { label: 'Invitation' },
    ],
    body: (
      <>
        {link === null ? (
          <Callout kind="good" title="Sent">
            The link is on its way by mail. It counts until <Day at={invitation.expiresAt} />.
          </Callout>
        ) : (
          <Card
            title="The link, this once"
            lead={
              invitation.accountName === null
                ? 'Pass it on yourself: whoever has it can accept. It is not shown again.'
                : `Pass it on yourself. Only ${shown(invitation.accountName)} can accept it. It is not shown again.`
            }
          >
            <Code text={link} label="Copy the link" wrap />
            <p class="quiet">
              It counts once, until <Day at={invitation.expiresAt} />.
            </p>
          </Card>
        )}
        <p>
          <ButtonLink href={ownAppPath(appId)}>Back to {appId}</ButtonLink>
        </p>
      </>
    ),
  };
}
