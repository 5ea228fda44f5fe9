import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { changeTrustLevel } from '../../client/generated/operations.js';
import type { Finding } from '../../report/finding.js';
import type { Terminal } from '../command.js';
import { askStore, sendArchive } from '../store-client.js';
import { withLocalArchive } from '../store-client-archive.js';
import { asReport, failure, submission, understand, type Submission } from '../store-client-answers.js';
import { packDemoApp } from './demo-app.js';
import type { Attempt, Expected, LevelChange } from './story.js';
import type { ThrowAwayGate } from './throw-away-gate.js';

/**
 * Plays the story on a gate and tells it as it goes.
 *
 * @param stopped ends the playing before the next step
 * @returns how many verdicts did not come out as told
 */
export async function play(
  steps: readonly (Attempt | LevelChange)[],
  gate: ThrowAwayGate,
  terminal: Terminal,
  stopped: AbortSignal,
): Promise<number> {
  let attempts = 0;
  let surprises = 0;
  for (const step of steps) {
    stopped.throwIfAborted();
    if (step.kind === 'level') {
      await changeLevel(gate, step);
      terminal.out(`    ${createColors(terminal.isInteractive).dim(step.told)}\n\n`);
      continue;
    }
    attempts += 1;
    announce(step, attempts, terminal);
    const found = await uploadApp(gate, step);
    const isAsTold = matches(found, step.expected);
    if (!isAsTold) surprises += 1;
    tellVerdict(found, step, isAsTold, terminal);
  }
  return surprises;
}

async function changeLevel({ operator }: ThrowAwayGate, { appId, trustLevel, told }: LevelChange): Promise<void> {
  const answer = await askStore(operator, changeTrustLevel, { path: { appId }, body: { trustLevel, reason: told } });
  if (answer.status !== 200) throw failure(answer, operator);
}

async function uploadApp({ folder, developer }: ThrowAwayGate, { app }: Attempt): Promise<Submission> {
  const file = join(folder, `${app.id}-${app.version}.zip`);
  await writeFile(file, await packDemoApp(app));
  const answer = await withLocalArchive(file, folder, (archive) =>
    sendArchive(developer, { path: `/api/v1/apps/${app.id}/releases`, archive }),
  );
  if (![201, 422].includes(answer.status)) throw failure(answer, developer);
  return understand(submission, answer, developer);
}

function matches({ outcome, release, report }: Submission, expected: Expected): boolean {
  if (expected === 'accepted') return outcome === 'accepted' && release !== null;
  const isDecisive = errorsOf(asReport(report).findings).some(
    ({ code, path }) => code === expected.code && (expected.path === undefined || path === expected.path),
  );
  return outcome === 'refused' && release === null && isDecisive;
}

function announce({ told, app }: Attempt, number: number, terminal: Terminal): void {
  const { bold, dim } = createColors(terminal.isInteractive);
  terminal.out(`${dim(String(number).padStart(2))}  ${bold(`${app.id} ${app.version}`)}  ${told}\n`);
}

function tellVerdict(found: Submission, { expected }: Attempt, isAsTold: boolean, terminal: Terminal): void {
  const { green, red, yellow, bold } = createColors(terminal.isInteractive);
  const paint = { accepted: green, held: yellow, refused: red }[found.outcome];
  const finding = decisive(asReport(found.report).findings, expected);
  const reason =
    finding === undefined ? '' : `  ${finding.code}${finding.path === undefined ? '' : `  ${bold(finding.path)}`}`;
  terminal.out(`    ${paint(bold(found.outcome.toUpperCase()))}${reason}\n`);
  if (finding !== undefined) terminal.out(`    ${finding.message}\n`);
  if (!isAsTold) {
    const wanted =
      expected === 'accepted' ? 'accepted' : `refused with ${expected.code} ${expected.path ?? ''}`.trimEnd();
    terminal.out(`    ${red(`This is not as told: it should have been ${wanted}.`)}\n`);
  }
  terminal.out('\n');
}

/** The finding that the story is about, or else the first that refused. */
function decisive(findings: readonly Finding[], expected: Expected): Finding | undefined {
  const errors = errorsOf(findings);
  return errors.find(({ code }) => expected !== 'accepted' && code === expected.code) ?? errors[0];
}

function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'error');
}
