import { findApp, listApps, listOwners, type AppEvent, type AppRow } from '../database/apps.js';
import { listReleases, type ReleaseSummary } from '../database/releases.js';
import * as catalogue from '../http/catalogue-representations.js';
import { appEvent } from '../http/representations.js';
import { isTrustLevel, trustLevels } from '../policy/trust-level.js';
import { printable } from '../report/printable.js';
import { addCoOwner, changeTrustLevel, readOwners, removeCoOwner, withdrawRelease } from '../releases/change-app.js';
import { readAppEvents } from '../releases/read-events.js';
import { requireAppId } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';
import { UsageError, type Command } from './command.js';
import { changeReason, namedWords, reasonHelp, reasonOption } from './named-words.js';
import { ABOUT_OPERATORS, asOperator } from './operator.js';
import { isSet } from './option-values.js';
import { asTable, shortTime } from './table.js';

const jsonOption = { json: { type: 'boolean' } } as const;
const jsonHelp = { json: 'prints it as JSON, in the shape of the API' };

/** `portcullis app level`: sets how much the store vouches for an app. */
export const appLevel: Command = {
  name: 'app level',
  summary: 'Sets how much the store vouches for an app.',
  usage: `ID ${trustLevels.join('|')} --reason TEXT`,
  options: reasonOption,
  optionHelp: reasonHelp,
  about: `An official app is refused unless it is signed, from this moment on: also an upload that is being inspected now.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [appId, level] = namedWords(args, ['ID', 'LEVEL']);
    if (!isTrustLevel(level)) throw new UsageError(`"${level}" is no trust level: ${trustLevels.join(', ')}.`);
    const reason = changeReason(args);
    return asOperator(terminal, true, async ({ records, caller }) => {
      await changeTrustLevel(records, caller, { appId, trustLevel: level, reason });
      terminal.out(`${appId} is ${level} now.\n`);
      return 0;
    });
  },
};

/** `portcullis app show`: everything that stands about an app. */
export const appShow: Command = {
  name: 'app show',
  summary: 'Shows an app with its level, owners and releases.',
  usage: 'ID [--json]',
  options: jsonOption,
  optionHelp: jsonHelp,
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    const [appId] = namedWords(args, ['ID']);
    return asOperator(terminal, false, async ({ database }) => {
      requireAppId(appId);
      const app = await findApp(database, appId);
      if (app === null) throw new RequestError('NOT_FOUND', `There is no app "${appId}" in this store.`);
      const owners = (await listOwners(database, appId)).map(({ name }) => name);
      const releases = await listReleases(database, { appId, after: null, limit: 100 });
      if (isSet(args, 'json')) {
        terminal.out(
          `${JSON.stringify({ ...catalogue.app(app), owners, releases: releases.map(catalogue.releaseSummary) }, null, 2)}\n`,
        );
        return 0;
      }
      terminal.out(`${appId} is ${app.trustLevel}\n\n`);
      terminal.out(
        asTable([
          ['  signed since', signedSince(app)],
          ['  owners', owners.join(', ') || 'none yet'],
          ...(app.suspendedAt === null
            ? []
            : [['  suspended', `${shortTime(app.suspendedAt)}  ${printable(app.suspensionReason ?? '', 200)}`]]),
        ]),
      );
      terminal.out(releases.length === 0 ? '\n  no releases yet\n' : `\n${asTable(releases.map(releaseRow))}`);
      return 0;
    });
  },
};

const EVENTS = 100;

/** `portcullis app events`: what happened to an app. */
export const appEvents: Command = {
  name: 'app events',
  summary: 'Shows what happened to an app, the newest first.',
  usage: 'ID [--json]',
  options: jsonOption,
  optionHelp: jsonHelp,
  about: `The last ${EVENTS}: who claimed it, changes of its owners, level and releases, and uploads that held the private key of
one of its certificates (key-exposed).
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [appId] = namedWords(args, ['ID']);
    return asOperator(terminal, false, async ({ records, caller }) => {
      const events = (await readAppEvents(records, caller, appId, { before: null, limit: EVENTS })).map(appEvent);
      if (isSet(args, 'json')) {
        terminal.out(`${JSON.stringify(events, null, 2)}\n`);
        return 0;
      }
      terminal.out(
        asTable(
          events.map(({ happenedAt, kind, account, ...event }) => [
            shortTime(happenedAt),
            kind,
            account,
            wordsOf(event),
          ]),
        ),
      );
      return 0;
    });
  },
};

function wordsOf({ detail, reason }: Pick<AppEvent, 'detail' | 'reason'>): string {
  // A common name is free text, which might look like another member.
  const members = Object.entries(detail).map(
    ([name, value]) => `${name}=${/^[\w.:-]+$/.test(value) ? value : JSON.stringify(value)}`,
  );
  return printable([...members, reason].filter((text) => text !== '').join('  '), 1_024);
}

function signedSince({ signedVersion, signedSince: since }: AppRow): string {
  return since === null ? 'never signed yet' : `${shortTime(since)} (${signedVersion ?? ''})`;
}

function releaseRow({ version, status, signed, publishedAt, statusReason }: ReleaseSummary): readonly string[] {
  const reason = printable(statusReason ?? '', 200);
  return [`  ${version}`, status, signed ? 'signed' : 'unsigned', shortTime(publishedAt), reason];
}

const PAGE = 500;

/** `portcullis app list`: the apps that have a release. */
export const appList: Command = {
  name: 'app list',
  summary: 'Lists the apps that have a release, by id.',
  usage: '[--json]',
  options: jsonOption,
  optionHelp: jsonHelp,
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    namedWords(args, []);
    return asOperator(terminal, false, async ({ database }) => {
      const apps: AppRow[] = [];
      for (let page = await listApps(database, { after: '', limit: PAGE }); ;) {
        apps.push(...page);
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) break;
        page = await listApps(database, { after: last.id, limit: PAGE });
      }
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify({ apps: apps.map(catalogue.app) }, null, 2)}\n`);
      else
        terminal.out(
          asTable([['ID', 'LEVEL', 'SIGNED SINCE'], ...apps.map((app) => [app.id, app.trustLevel, signedSince(app)])]),
        );
      return 0;
    });
  },
};

/** `portcullis app owner`: who may upload releases of an app. */
export const appOwner: Command = {
  name: 'app owner',
  summary: 'Lists, adds or removes the accounts that may upload releases of an app.',
  usage: 'list ID | add ID ACCOUNT | remove ID ACCOUNT',
  options: {},
  optionHelp: {},
  about: `An account is there once a token was made for it: portcullis token create --account NAME …
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [action] = args.positionals;
    if (action !== 'list' && action !== 'add' && action !== 'remove')
      throw new UsageError('It is list, add or remove.');
    const [, appId, account = ''] = namedWords(args, action === 'list' ? ['list', 'ID'] : [action, 'ID', 'ACCOUNT']);
    return asOperator(terminal, action === 'add', async ({ records, caller }) => {
      const change = { list: readOwners, add: addCoOwner, remove: removeCoOwner }[action];
      const owners = await change(records, caller, appId ?? '', account);
      terminal.out(owners.map(({ name }) => `${name}\n`).join(''));
      if (owners.length === 0) terminal.err('Nobody owns this app yet; the first upload claims it.\n');
      return 0;
    });
  },
};

/** `portcullis app withdraw`: takes a release back. */
export const appWithdraw: Command = {
  name: 'app withdraw',
  summary: 'Takes a release back; its version is never used again.',
  usage: 'ID VERSION --reason TEXT',
  options: reasonOption,
  optionHelp: reasonHelp,
  about: `The release stays in the history and goes on counting there: an app that was signed stays bound to sign.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [appId, version] = namedWords(args, ['ID', 'VERSION']);
    const reason = changeReason(args);
    return asOperator(terminal, false, async ({ records, caller }) => {
      await withdrawRelease(records, caller, { appId, version, reason });
      terminal.out(`${appId} ${version} is withdrawn.\n`);
      return 0;
    });
  },
};
