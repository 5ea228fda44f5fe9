import { z } from 'zod';
import { reportCategories, type ReportCategory } from '../../database/reviews.js';
import { REPORT_TEXT, reportTrouble } from '../../moderation/reports.js';
import { readApp } from '../../storefront/read-catalogue.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Field, Radios, Select, Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card } from '../parts/sections.js';
import { shown } from '../parts/words.js';
import { requiredText } from '../form-fields.js';
import { publicAppPath } from './developer-words.js';

const params = z.object({ appId: z.string().max(64) });
const SHOWN = 50;

const categories: Readonly<Record<ReportCategory, string>> = {
  malware: 'It does harm: malware, a hidden miner, theft of data',
  security: 'It has a security hole',
  privacy: 'It sends or shows data that it should not',
  copyright: 'It holds somebody else’s work, or poses as somebody else’s',
  broken: 'It does not work',
  other: 'Something else',
};

const show: ShowPage<'anyone', z.infer<typeof params>, object> = async ({ gate, params: { appId } }) => {
  const { app, releases } = await readApp(gate, appId, { after: null, limit: SHOWN });
  return {
    title: `Report a problem with ${app.id}`,
    lead: 'Moderators of this store read it. Its developers don’t see who told.',
    crumbs: [
      { label: 'Apps', href: 'console/apps' },
      { label: app.id, href: publicAppPath(app.id) },
      { label: 'Report a problem' },
    ],
    body: (
      <Card>
        <Form action={`${publicAppPath(app.id)}/report`}>
          <Radios
            name="category"
            label="What is wrong"
            required
            choices={reportCategories.map((value) => ({ value, label: categories[value] }))}
          />
          <Select
            name="version"
            label="Release"
            value=""
            choices={[
              { value: '', label: 'None in particular' },
              ...releases.map(({ version }) => ({ value: version, label: shown(version) })),
            ]}
          />
          <Textarea
            name="text"
            label="What you saw"
            hint="What happened, where, and how somebody else can see it too."
            required
            rows={6}
            maxlength={REPORT_TEXT.max}
          />
          <Field
            name="contact"
            type="email"
            label="Your e-mail"
            hint="Only for questions of the moderators. Nobody else sees it."
            autocomplete="email"
            maxlength={254}
          />
          <Button look="primary">Send the report</Button>
        </Form>
        <p class="small quiet">
          A hole that can be used against people is better told to the developers first, where they name an address.
        </p>
      </Card>
    ),
  };
};

const form = z.object({
  category: z.enum(reportCategories, 'Choose what is wrong.'),
  version: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.string().max(128).nullable(),
  ),
  text: requiredText(REPORT_TEXT.max, 'What you saw').refine(
    (text) => text.length >= REPORT_TEXT.min,
    `At least ${REPORT_TEXT.min} characters, so that somebody can do something with it.`,
  ),
  contact: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.email('This is no mail address.').max(254).nullable(),
  ),
});

/** Telling the moderators that something is wrong with an app; for everybody. */
export const reportAppPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/apps/{appId}/report', access: 'anyone' }, { params }, show),
  definePage(
    { method: 'post', path: '/console/apps/{appId}/report', access: 'anyone', again: show },
    { params, form },
    async ({ gate, params: { appId }, form: report, request }) => {
      const id = await reportTrouble(gate, { appId, ...report, address: request.ip ?? '' });
      return {
        title: 'Thank you',
        crumbs: [
          { label: 'Apps', href: 'console/apps' },
          { label: appId, href: publicAppPath(appId) },
          { label: 'Report' },
        ],
        body: (
          <>
            <Callout kind="good" title="The moderators have it">
              <p>
                They look at it as soon as they can. Where you write to them about it, name this number:{' '}
                <code>{id}</code>
              </p>
            </Callout>
            <p>
              <ButtonLink href={publicAppPath(appId)}>Back to {appId}</ButtonLink>
            </p>
          </>
        ),
      };
    },
  ),
];
