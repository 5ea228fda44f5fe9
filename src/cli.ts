import { answer, appeal } from './commands/appeal.js';
import {
  accountInvite,
  accountList,
  accountPassword,
  accountReinstate,
  accountRole,
  accountShow,
  accountSuspend,
} from './commands/account.js';
import { appReinstate, appSuspend } from './commands/app-suspension.js';
import { apps } from './commands/apps.js';
import { appEvents, appLevel, appList, appOwner, appShow, appWithdraw } from './commands/app.js';
import { auditExport, auditList, auditVerify } from './commands/audit.js';
import { caCrl } from './commands/ca-crl.js';
import { caCsr } from './commands/ca-csr.js';
import { caImport } from './commands/ca-import.js';
import { caInit } from './commands/ca-init.js';
import { caIssue } from './commands/ca-issue.js';
import { caList } from './commands/ca-list.js';
import { caRenewIntermediate } from './commands/ca-renew-intermediate.js';
import { caRequests } from './commands/ca-requests.js';
import { caRevoke } from './commands/ca-revoke.js';
import { caRootCrl } from './commands/ca-root-crl.js';
import { caApprove, caDecline, caQuestion } from './commands/ca-verdicts.js';
import { certificateAnswer, certificateChallenge, certificateWithdraw } from './commands/certificate-exchange.js';
import { certificateGet, certificateList, certificateStatus } from './commands/certificate-read.js';
import { certificateRequest } from './commands/certificate-request.js';
import { certificateRevoke } from './commands/certificate-revoke.js';
import type { Command, ExitCode, Terminal } from './commands/command.js';
import { csr } from './commands/csr.js';
import { demo } from './commands/demo/demo.js';
import { keygen } from './commands/keygen.js';
import { migrate } from './commands/migrate.js';
import { pack } from './commands/pack.js';
import { reviewDiff, reviewList, reviewShow } from './commands/review.js';
import {
  reviewAccept,
  reviewAsk,
  reviewConfirm,
  reviewInspect,
  reviewNote,
  reviewObject,
  reviewRefuse,
  reviewReport,
} from './commands/review-verdicts.js';
import { runCommand } from './commands/run-command.js';
import { rulesList, rulesReplay, rulesSet } from './commands/rules.js';
import { sign } from './commands/sign.js';
import { status } from './commands/status.js';
import { processTerminal } from './commands/terminal.js';
import { tokenCreate } from './commands/token-create.js';
import { tokenList, tokenRevoke } from './commands/token.js';
import { trustAdd } from './commands/trust-add.js';
import { trustList } from './commands/trust-list.js';
import { trustRemove } from './commands/trust-remove.js';
import { upload } from './commands/upload.js';
import { validate } from './commands/validate.js';
import { verify } from './commands/verify.js';
import { watch } from './commands/watch.js';

/** Every command there is, in the order of the help: first what developers need, then what operators do. */
export const commands: readonly Command[] = [
  verify,
  sign,
  pack,
  keygen,
  csr,
  validate,
  upload,
  status,
  apps,
  appeal,
  answer,
  certificateRequest,
  certificateStatus,
  certificateGet,
  certificateList,
  certificateAnswer,
  certificateWithdraw,
  certificateChallenge,
  certificateRevoke,
  demo,
  tokenCreate,
  tokenList,
  tokenRevoke,
  appLevel,
  appList,
  appShow,
  appEvents,
  appOwner,
  appWithdraw,
  appSuspend,
  appReinstate,
  accountList,
  accountShow,
  accountInvite,
  accountRole,
  accountSuspend,
  accountReinstate,
  accountPassword,
  reviewList,
  reviewShow,
  reviewDiff,
  reviewAccept,
  reviewRefuse,
  reviewReport,
  reviewConfirm,
  reviewObject,
  reviewAsk,
  reviewNote,
  reviewInspect,
  caInit,
  caIssue,
  caRevoke,
  caCrl,
  caList,
  caRequests,
  caApprove,
  caDecline,
  caQuestion,
  caCsr,
  caRenewIntermediate,
  caRootCrl,
  caImport,
  trustAdd,
  trustList,
  trustRemove,
  rulesList,
  rulesSet,
  rulesReplay,
  watch,
  auditVerify,
  auditExport,
  auditList,
  migrate,
];

/** Runs the words after `portcullis` and says how it went. Never rejects. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  return runCommand(commands, argv, terminal);
}

/** What `bin/portcullis` calls: runs this process's own command line. */
export async function main(): Promise<void> {
  // Node's own exit code for this is 1, which here would say that an app was refused.
  process.on('uncaughtException', (error: unknown) => {
    process.stderr.write(`portcullis could not go on: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(3);
  });
  // Not process.exit: what was written to a pipe may still be on its way.
  process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal(process));
}
