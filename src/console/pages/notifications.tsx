import type { JSX } from 'preact';
import { z } from 'zod';
import type { Caller } from '../../accounts/caller.js';
import type { WebhookRow } from '../../database/webhooks.js';
import { changeChoices, readChoices, type Choices } from '../../notices/choices.js';
import { isTopic, topicNames } from '../../notices/topics.js';
import { addWebhook, listWebhooks } from '../../notices/webhooks.js';
import { severalOf } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge } from '../parts/badge.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Tick } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { groupByTopic } from './topic-groups.js';
import { NewSecret, pathOfWebhook, webhookForm, WebhookFields } from './webhook-parts.js';

const path = 'console/notifications';

const show: ShowPage<'signed-in', object, object> = async ({ gate, session: { caller } }) => {
  const choices = await readChoices(gate, caller);
  return {
    title: 'Notifications',
    lead: 'What concerns you stands on these pages in any case. Here you say what you are told besides.',
    body: (
      <>
        <Mail choices={choices} />
        {caller.appIds === null && <Webhooks webhooks={await listWebhooks(gate, caller)} caller={caller} />}
      </>
    ),
  };
};

/** What somebody is told, by mail and by webhooks. */
export const notificationPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/notifications', access: 'signed-in' }, {}, show),
  definePage(
    { method: 'post', path: '/console/notifications/mail', access: 'signed-in', again: show },
    // What is not ticked is not sent; names of no topic are left out.
    { form: z.object({ topic: severalOf([topicNames[0] ?? '', ...topicNames.slice(1)]) }) },
    async ({ gate, session: { caller }, form }) => {
      const chosen = new Set<string>(form.topic);
      const { topics } = await readChoices(gate, caller);
      const wishes = topics
        .filter(({ canChange }) => canChange)
        .map(({ topic }) => [topic, chosen.has(topic)] as const);
      await changeChoices(gate, caller, Object.fromEntries(wishes));
      return { redirect: path, flash: 'saved' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/notifications/webhooks', access: 'signed-in', again: show },
    { form: webhookForm },
    async ({ gate, session, form }) => {
      const { webhook, secret } = await addWebhook(gate, session.caller, {
        url: form.url,
        topics: form.topic.filter(isTopic),
      });
      return {
        title: 'The webhook is added',
        crumbs: [{ label: 'Notifications', href: path }, { label: 'Webhook' }],
        body: <NewSecret secret={secret} webhookId={webhook.id} />,
      };
    },
  ),
];

function Mail({ choices: { email, storeSendsMail, topics } }: { readonly choices: Choices }): JSX.Element {
  return (
    <Card title="By mail" id="mail">
      {!storeSendsMail ? (
        <Callout kind="warning">This store sends no mail. What you choose counts as soon as it does.</Callout>
      ) : email === null ? (
        <Callout kind="warning">
          Your account has no e-mail address, so nothing is sent. <a href="console/account">Give it one</a>.
        </Callout>
      ) : (
        <p class="quiet">Mail goes to {shown(email)}.</p>
      )}
      <Form action="console/notifications/mail">
        {groupByTopic(topics, ({ topic }) => topic).map(({ title, members }) => (
          <fieldset key={title} class="stack tight">
            <legend>{title}</legend>
            {members.map(({ topic, summary, byMail, canChange }) =>
              canChange ? (
                <Tick key={topic} name="topic" value={topic} label={summary} checked={byMail} />
              ) : (
                <p key={topic} class="always">
                  <Badge>always</Badge> <span>{summary}</span>
                </p>
              ),
            )}
          </fieldset>
        ))}
        <Button look="primary">Save</Button>
      </Form>
    </Card>
  );
}

function Webhooks({
  webhooks,
  caller,
}: {
  readonly webhooks: readonly WebhookRow[];
  readonly caller: Caller;
}): JSX.Element {
  return (
    <>
      <Card
        title="Webhooks"
        id="webhooks"
        lead="For programs: a signed POST to an address of yours for everything that you choose."
      >
        {webhooks.length === 0 ? (
          <p class="quiet">You have none yet.</p>
        ) : (
          <Table
            caption="Your webhooks, the oldest first"
            rows={webhooks}
            rowKey={({ id }) => id}
            rowLink={({ id }) => pathOfWebhook(id)}
            columns={[
              { label: 'Address', cell: ({ id, url }) => <a href={pathOfWebhook(id)}>{shown(url)}</a> },
              {
                label: 'State',
                cell: ({ disabledAt }) =>
                  disabledAt === null ? <Badge tone="good">on</Badge> : <Badge tone="bad">off</Badge>,
              },
              { label: 'Topics', cell: ({ topics }) => topics.length, numeric: true },
              { label: 'Since', cell: ({ createdAt }) => <Day at={createdAt} /> },
            ]}
          />
        )}
      </Card>
      <Card title="Add a webhook">
        <Form action="console/notifications/webhooks">
          <WebhookFields caller={caller} />
          <Button look="primary">Add it</Button>
        </Form>
      </Card>
    </>
  );
}
