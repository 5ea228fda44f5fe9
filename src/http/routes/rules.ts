import { z } from 'zod';
import { changeRule, readRules, type RuleState } from '../../moderation/change-rules.js';
import { ruleModes } from '../../policy/rules.js';
import { findingSchema } from '../report-representation.js';
import { defineRoute, type Route } from '../route.js';

const weight = findingSchema.shape.severity.nullable();
const mode = z.enum(ruleModes);

const ruleSchema = z
  .object({
    code: findingSchema.shape.code,
    message: z.string(),
    weight: weight.meta({ description: 'What its findings weigh here; null: they are not reported.' }),
    mode: mode.nullable().meta({ description: 'What the store has set it to; null: nothing.' }),
    source: z.enum(['catalogue', 'settings', 'store']).meta({ description: '`store`: an administrator, at run time.' }),
    defaultWeight: weight,
    configurable: z.boolean(),
    liftable: z.boolean().meta({ description: 'Whether a moderator may lift it for one upload.' }),
    changedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Rule', description: 'A finding code, and what this store makes of it.' });

/** Who changed it and why is in the audit log, for moderators. */
const ruleOf = (rule: RuleState) => ({
  code: rule.code,
  message: rule.message,
  weight: rule.weight,
  mode: rule.mode,
  source: rule.source,
  defaultWeight: rule.defaultWeight,
  configurable: rule.isConfigurable,
  liftable: rule.isLiftable,
  changedAt: rule.change?.happenedAt.toISOString() ?? null,
});

/** What the store makes of each finding. */
export const ruleRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/rules',
      operationId: 'listRules',
      tag: 'Rules',
      access: 'public',
      summary: 'Every finding code, and what it weighs in this store',
      responses: {
        200: { description: 'As it is at this moment.', schema: z.object({ rules: z.array(ruleSchema) }) },
      },
    },
    {},
    async ({ gate }) => ({ status: 200, json: { rules: (await readRules(gate)).map(ruleOf) } }),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/rules/{code}',
      operationId: 'changeRule',
      tag: 'Rules',
      access: 'bearer',
      summary: 'Give a rule another weight',
      description:
        'For administrators. It counts from the next decision on, on every replica. `shadow` reports it, and decides nothing; null gives the word back to the settings.',
      responses: {
        200: { description: 'The rule as it is now.', schema: ruleSchema },
        403: { description: 'Not an administrator.' },
        404: { description: 'No such code.' },
        409: { description: 'Its weight is the same in every store.' },
      },
    },
    {
      params: z.object({ code: z.string().max(64) }),
      body: z.strictObject({
        mode: mode.nullable(),
        reason: z.string().trim().min(1).max(2_000).meta({ description: 'Why; kept with the change.' }),
      }),
    },
    async ({ gate, caller, params, body }) => ({
      status: 200,
      json: ruleOf(await changeRule(gate, caller, { ...params, ...body })),
    }),
  ),
];
