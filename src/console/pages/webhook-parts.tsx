import type { JSX } from 'preact';
import { z } from 'zod';
import type { Caller } from '../../accounts/caller.js';
import { topicNamed, topicNames, type TopicName } from '../../notices/topics.js';
import { requiredText, severalOf } from '../form-fields.js';
import { ButtonLink } from '../parts/button.js';
import { Code } from '../parts/code.js';
import { Field, Tick } from '../parts/field.js';
import { Card } from '../parts/sections.js';
import { groupByTopic, topicsFor } from './topic-groups.js';

export function pathOfWebhook(id: string): string {
  return `console/notifications/webhooks/${id}`;
}

/** Where a webhook leads, and what it is told. */
export const webhookForm = z.object({
  url: requiredText(2_000, 'The address'),
  topic: severalOf([topicNames[0] ?? '', ...topicNames.slice(1)]).refine(
    (chosen) => chosen.length > 0,
    'Choose one at least.',
  ),
});

export function WebhookFields({
  caller,
  url = '',
  topics,
}: {
  readonly caller: Caller;
  readonly url?: string;
  /** What is chosen; where nothing is said, what developers wait for. */
  readonly topics?: readonly string[];
}): JSX.Element {
  const isChosen = (topic: TopicName): boolean =>
    topics === undefined ? topicNamed(topic).concerned === 'developers' : topics.includes(topic);
  return (
    <>
      <Field
        name="url"
        type="url"
        label="Address"
        hint="https, and reachable from the internet."
        required
        maxlength={2_000}
        spellcheck={false}
        value={url}
      />
      <details open={topics !== undefined}>
        <summary>What it is told</summary>
        <div class="stack loose topics">
          {groupByTopic(topicsFor(caller), (topic) => topic).map(({ title, members }) => (
            <fieldset key={title} class="stack tight">
              <legend>{title}</legend>
              {members.map((topic) => (
                <Tick
                  key={topic}
                  name="topic"
                  value={topic}
                  label={
                    <>
                      {topicNamed(topic).summary} <code class="small quiet">{topic}</code>
                    </>
                  }
                  checked={isChosen(topic)}
                />
              ))}
            </fieldset>
          ))}
        </div>
      </details>
    </>
  );
}

/** The secret that messages are signed with, shown once. */
export function NewSecret({ secret, webhookId }: { readonly secret: string; readonly webhookId: string }): JSX.Element {
  return (
    <>
      <Card
        title="The secret, this once"
        lead="Every message is signed with it (HMAC-SHA-256): check that before you believe one. It is not shown again."
      >
        <Code text={secret} label="Copy the secret" wrap />
      </Card>
      <p>
        <ButtonLink href={pathOfWebhook(webhookId)}>I have kept it</ButtonLink>
      </p>
    </>
  );
}
