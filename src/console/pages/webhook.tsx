import type { JSX } from 'preact';
import { z } from 'zod';
import type { DeliveryRow } from '../../database/webhook-deliveries.js';
import type { WebhookRow } from '../../database/webhooks.js';
import { isTopic } from '../../notices/topics.js';
import {
  changeWebhook,
  enableWebhook,
  listDeliveries,
  pingWebhook,
  readWebhook,
  removeWebhook,
  replayDelivery,
  rotateWebhookSecret,
} from '../../notices/webhooks.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge } from '../parts/badge.js';
import { Button, Confirm } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Form } from '../parts/form.js';
import { Card, Empty } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { UnplacedAttempt } from '../parts/unplaced-attempt.js';
import { shown } from '../parts/words.js';
import { NewSecret, pathOfWebhook, webhookForm, WebhookFields } from './webhook-parts.js';

const SHOWN = 50;
const params = z.object({ id: z.uuid() });

const show: ShowPage<'signed-in', z.infer<typeof params>, object> = async ({
  gate,
  session: { caller },
  params: { id },
}) => {
  const webhook = await readWebhook(gate, caller, id);
  const deliveries = await listDeliveries(gate, caller, id, { before: null, limit: SHOWN });
  const path = pathOfWebhook(id);
  const isOn = webhook.disabledAt === null;
  return {
    title: 'Webhook',
    lead: shown(webhook.url),
    crumbs: [{ label: 'Notifications', href: 'console/notifications' }, { label: 'Webhook' }],
    actions: isOn ? <Badge tone="good">on</Badge> : <Badge tone="bad">off</Badge>,
    body: (
      <>
        <UnplacedAttempt
          forms={[
            ...['change', 'secret', 'removal', ...(isOn ? ['ping', 'off'] : ['on'])].map((form) => `${path}/${form}`),
            ...(isOn ? deliveries.map((row) => `${path}/deliveries/${row.id}/replay`) : []),
          ]}
        />
        <Switch webhook={webhook} />
        <Deliveries webhook={webhook} deliveries={deliveries} />
        <Card title="Where it leads, and what it is told">
          <Form action={`${path}/change`}>
            <WebhookFields caller={caller} url={webhook.url} topics={webhook.topics} />
            <Button look="primary">Save</Button>
          </Form>
        </Card>
        <div class="cluster start">
          <Confirm label="A new secret">
            <Form action={`${path}/secret`}>
              <p>For a day every message is signed with the old one, too. The new one is shown once.</p>
              <Button look="danger">Make a new secret</Button>
            </Form>
          </Confirm>
          <Confirm label="Remove the webhook" look="danger">
            <Form action={`${path}/removal`}>
              <p>Nothing is sent there any more, and what waits is given up.</p>
              <Button look="danger">Remove it</Button>
            </Form>
          </Confirm>
        </div>
      </>
    ),
  };
};

/** One webhook: what it was sent, and everything that changes it. */
export const webhookPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/notifications/webhooks/{id}', access: 'signed-in' }, { params }, show),
  definePage(
    { method: 'post', path: '/console/notifications/webhooks/{id}/change', access: 'signed-in', again: show },
    { params, form: webhookForm },
    async ({ gate, session, params: { id }, form: { url, topic } }) => {
      await changeWebhook(gate, session.caller, id, { url, topics: topic.filter(isTopic) });
      return { redirect: pathOfWebhook(id), flash: 'saved' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/notifications/webhooks/{id}/ping', access: 'signed-in', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await pingWebhook(gate, session.caller, id);
      return { redirect: pathOfWebhook(id), flash: 'webhook-pinged' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/notifications/webhooks/{id}/on', access: 'signed-in', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await enableWebhook(gate, session.caller, id, true);
      return { redirect: pathOfWebhook(id), flash: 'saved' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/notifications/webhooks/{id}/off', access: 'signed-in', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await enableWebhook(gate, session.caller, id, false);
      return { redirect: pathOfWebhook(id), flash: 'saved' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/notifications/webhooks/{id}/secret', access: 'signed-in', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      const { secret } = await rotateWebhookSecret(gate, session.caller, id);
      return {
        title: 'The webhook has a new secret',
        crumbs: [
          { label: 'Notifications', href: 'console/notifications' },
          { label: 'Webhook', href: pathOfWebhook(id) },
          { label: 'Secret' },
        ],
        body: <NewSecret secret={secret} webhookId={id} />,
      };
    },
  ),
  definePage(
    { method: 'post', path: '/console/notifications/webhooks/{id}/removal', access: 'signed-in', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await removeWebhook(gate, session.caller, id);
      return { redirect: 'console/notifications', flash: 'webhook-removed' };
    },
  ),
  definePage(
    {
      method: 'post',
      path: '/console/notifications/webhooks/{id}/deliveries/{delivery}/replay',
      access: 'signed-in',
      again: show,
    },
    { params: z.object({ id: z.uuid(), delivery: z.uuid() }) },
    async ({ gate, session, params: { id, delivery } }) => {
      await replayDelivery(gate, session.caller, id, delivery);
      return { redirect: pathOfWebhook(id), flash: 'webhook-replayed' };
    },
  ),
];

function Switch({ webhook: { id, disabledAt, disabledBecause } }: { readonly webhook: WebhookRow }): JSX.Element {
  const path = pathOfWebhook(id);
  if (disabledAt !== null) {
    return (
      <Callout kind="bad" title="It is switched off">
        <p>
          <Time at={disabledAt} />: {shown(disabledBecause ?? '')}. Nothing is sent, and nothing that happens meanwhile
          is kept for later.
        </p>
        <Form action={`${path}/on`}>
          <Button look="primary">Switch it on</Button>
        </Form>
      </Callout>
    );
  }
  return (
    <div class="cluster">
      <Form action={`${path}/ping`} class="inline">
        <Button>Send a test</Button>
      </Form>
      <Form action={`${path}/off`} class="inline">
        <Button>Switch it off</Button>
      </Form>
    </div>
  );
}

function Deliveries({
  webhook: { id, disabledAt },
  deliveries,
}: {
  readonly webhook: WebhookRow;
  readonly deliveries: readonly DeliveryRow[];
}): JSX.Element {
  return (
    <Card title="What was sent" lead={`The last ${SHOWN}, the newest first.`}>
      {deliveries.length === 0 ? (
        <Empty title="Nothing yet">A test shows whether your receiver understands what it gets.</Empty>
      ) : (
        <Table
          caption="Deliveries, the newest first"
          rows={deliveries}
          rowKey={(row) => row.id}
          columns={[
            {
              label: 'Topic',
              cell: ({ topic, replayOf }) => (
                <span class="cluster">
                  <code>{topic}</code>
                  {replayOf !== null && <Badge>again</Badge>}
                </span>
              ),
            },
            { label: 'State', cell: (row) => <State delivery={row} /> },
            { label: 'Tries', cell: ({ attempts }) => attempts, numeric: true },
            { label: 'When', cell: ({ createdAt, lastAttemptAt }) => <Time at={lastAttemptAt ?? createdAt} /> },
            {
              label: 'Send again',
              cell: (row) =>
                disabledAt === null ? (
                  <Form action={`${pathOfWebhook(id)}/deliveries/${row.id}/replay`} class="inline">
                    <Button small label={`Send again: ${row.topic} of ${row.createdAt.toISOString()}`}>
                      Send again
                    </Button>
                  </Form>
                ) : (
                  <span class="quiet">–</span>
                ),
            },
          ]}
        />
      )}
    </Card>
  );
}

function State({ delivery }: { readonly delivery: DeliveryRow }): JSX.Element {
  const { deliveredAt, nextTryAt, lastStatus, lastFailure, attempts } = delivery;
  const status = lastStatus === null ? '' : ` (${lastStatus})`;
  return (
    <>
      {deliveredAt !== null ? (
        <Badge tone="good">{`delivered${status}`}</Badge>
      ) : nextTryAt === null ? (
        <Badge tone="bad">{`given up${status}`}</Badge>
      ) : attempts === 0 ? (
        <Badge>waits</Badge>
      ) : (
        <Badge tone="warning">{`failed${status}, tried again`}</Badge>
      )}
      {deliveredAt === null && lastFailure !== null && <span class="small quiet block">{shown(lastFailure)}</span>}
    </>
  );
}
