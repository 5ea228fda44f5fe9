import type { JSX } from 'preact';
import { z } from 'zod';
import { isOperator } from '../../accounts/caller.js';
import { changeRule, readRules, type RuleState } from '../../moderation/change-rules.js';
import { ruleModes } from '../../policy/rules.js';
import { isStandingCode } from '../../policy/standing.js';
import { catalogue } from '../../report/catalogue.js';
import { RequestError } from '../../request-error.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { WordBadge } from '../parts/badge.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { Radios, Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Empty, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { Words } from '../parts/words.js';

const query = z.object({
  q: z.string().trim().max(100).catch(''),
  show: z.enum(['configurable', 'changed', 'all']).catch('configurable'),
});
const params = z.object({ code: z.string().max(64) });

const sources = {
  catalogue: 'the catalogue',
  settings: 'the settings of the gate',
  store: 'an administrator',
} as const;

const modeWords = {
  refuse: { label: 'refuse', hint: 'An upload with it is refused.' },
  hold: { label: 'hold', hint: 'An upload with it waits for a moderator.' },
  shadow: { label: 'shadow', hint: 'It is noted as a warning, and decides nothing: to see what it would do.' },
  off: { label: 'off', hint: 'It is not reported.' },
} as const;

const show: ShowPage<'moderator', z.infer<typeof params>, object> = async ({ gate, session, params: { code } }) => {
  const rule = (await readRules(gate)).find((each) => each.code === code);
  if (rule === undefined) throw new RequestError('NOT_FOUND', 'There is no rule with this code.');
  return {
    title: rule.code,
    crumbs: [{ label: 'Rules', href: 'console/rules' }, { label: rule.code }],
    lead: rule.message.replace(/\{(expected|actual)\}/g, '…'),
    actions: <ButtonLink href={`console/findings/${rule.code}`}>What it means</ButtonLink>,
    body: (
      <>
        <Standing rule={rule} />
        <Trial rule={rule} />
        {rule.isConfigurable && (
          <Card title="Change what it weighs">
            {isOperator(session.caller) ? (
              <ChangeForm rule={rule} />
            ) : (
              <p class="quiet">Administrators change rules.</p>
            )}
          </Card>
        )}
      </>
    ),
  };
};

/** What the store makes of each finding, and changing that. */
export const rulePages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/rules', access: 'moderator' },
    { query },
    async ({ gate, query: asked }) => {
      const rules = await readRules(gate);
      const words = asked.q.toLowerCase();
      const found = rules.filter((rule) => {
        if (asked.show === 'configurable' && !rule.isConfigurable) return false;
        if (asked.show === 'changed' && rule.source === 'catalogue') return false;
        return `${rule.code} ${rule.message}`.toLowerCase().includes(words);
      });
      return {
        title: 'Rules',
        lead: 'What this store makes of each finding. The rules of the mission, and what is wrong with an archive or a signature, no store weighs.',
        wide: true,
        body: (
          <>
            <Filters asked={asked} />
            {found.length === 0 ? (
              <Empty
                title={
                  asked.show === 'changed' && asked.q === ''
                    ? 'This store weighs everything as the catalogue does'
                    : 'No rule fits'
                }
                action={
                  <a class="button" href="console/rules?show=all">
                    All rules
                  </a>
                }
              />
            ) : (
              <Rules rules={found} />
            )}
          </>
        ),
      };
    },
  ),
  definePage({ method: 'get', path: '/console/rules/{code}', access: 'moderator' }, { params }, show),
  definePage(
    { method: 'post', path: '/console/rules/{code}', access: 'administrator', again: show },
    {
      params,
      form: z.object({
        mode: z.enum(['settings', ...ruleModes], 'Choose one of them.'),
        reason: requiredText(2_000, 'A reason'),
      }),
    },
    async ({ gate, session, params: { code }, form: { mode, reason } }) => {
      await changeRule(gate, session.caller, { code, mode: mode === 'settings' ? null : mode, reason });
      return { redirect: `console/rules/${encodeURIComponent(code)}`, flash: 'saved' };
    },
  ),
];

function Filters({ asked }: { readonly asked: z.infer<typeof query> }): JSX.Element {
  const choices = { configurable: 'those that a store weighs', changed: 'those that are otherwise here', all: 'all' };
  return (
    <form class="filters" role="search">
      <div class="field grow">
        <label for="q">Code or words</label>
        <input id="q" type="search" name="q" value={asked.q} maxlength={100} />
      </div>
      <div class="field">
        <label for="show">Show</label>
        <select id="show" name="show">
          {Object.entries(choices).map(([value, label]) => (
            <option key={value} value={value} selected={value === asked.show}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <button class="button">Show</button>
    </form>
  );
}

function Weight({ rule: { weight, mode } }: { readonly rule: RuleState }): JSX.Element {
  if (mode === 'shadow') return <WordBadge word="shadow" />;
  return <WordBadge word={weight ?? 'off'} />;
}

function Rules({ rules }: { readonly rules: readonly RuleState[] }): JSX.Element {
  return (
    <Table
      caption="Rules, in the order of the catalogue"
      rows={rules}
      rowKey={({ code }) => code}
      rowLink={({ code }) => `console/rules/${code}`}
      columns={[
        {
          label: 'Code',
          cell: ({ code }) => (
            <a href={`console/rules/${code}`}>
              <code>{code}</code>
            </a>
          ),
        },
        { label: 'Weight', cell: (rule) => <Weight rule={rule} /> },
        { label: 'Says', cell: ({ source }) => sources[source] },
        {
          label: 'Can be lifted',
          cell: ({ isLiftable }) => (isLiftable ? 'by a moderator' : <span class="quiet">by nobody</span>),
        },
        {
          label: 'Finding',
          cell: ({ message }) => <span class="small">{message.replace(/\{(expected|actual)\}/g, '…')}</span>,
        },
      ]}
    />
  );
}

function Standing({ rule }: { readonly rule: RuleState }): JSX.Element {
  const { source, defaultWeight, isConfigurable, isLiftable, change, code } = rule;
  return (
    <Card title="How it stands">
      <Facts
        facts={[
          ['Weight', <Weight rule={rule} />],
          ['Says', sources[source]],
          ['Elsewhere', <>{<WordBadge word={defaultWeight ?? 'off'} />} where a store says nothing</>],
          ['Weighed by the store', isConfigurable ? 'Yes' : 'No: the same in every store'],
          ['Lifted for one upload', isLiftable ? 'A moderator may' : 'Nobody can'],
          ['Meaning', catalogue[code].about],
        ]}
      />
      {change !== null && (
        <Callout title="The last change">
          <p>
            {change.mode === null ? 'Given back to the settings' : `Set to ${change.mode}`} by {change.accountName},{' '}
            <Time at={change.happenedAt} />
          </p>
          <Words text={change.reason} />
        </Callout>
      )}
    </Card>
  );
}

function Trial({ rule: { code, isConfigurable } }: { readonly rule: RuleState }): JSX.Element | null {
  if (!isConfigurable || isStandingCode(code)) return null;
  return (
    <Card title="Before it is made stricter">
      <p>
        In <strong>shadow</strong> a rule is noted in every report as a warning and decides nothing: developers are
        forewarned, and you see whom it would hit. What it would have refused in the past, this says:
      </p>
      <Code text={`portcullis rules replay --rule ${code} --days 90`} />
    </Card>
  );
}

function ChangeForm({ rule: { code, change } }: { readonly rule: RuleState }): JSX.Element {
  return (
    <Form action={`console/rules/${code}`}>
      <Radios
        name="mode"
        label="From now on"
        required
        value={change?.mode ?? 'settings'}
        choices={[
          ...ruleModes.map((mode) => ({ value: mode, ...modeWords[mode] })),
          { value: 'settings', label: 'as the settings say', hint: 'What was changed here is taken back.' },
        ]}
      />
      <Textarea name="reason" label="Why" required rows={3} maxlength={2_000} />
      <Button look="primary">Change the rule</Button>
    </Form>
  );
}
