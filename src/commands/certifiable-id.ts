import { APP_ID_PATTERN, isAppId } from '../app/app-id.js';
import { UsageError } from './command.js';
import type { Arguments } from './command.js';
import { textOption } from './option-values.js';

/**
 * The value of `--app-id`, where a certificate is to be for it.
 *
 * @throws UsageError where it isn't there or could be no app's id: a certificate on it would be of no use
 */
export function readCertifiableId(args: Arguments): string {
  const appId = textOption(args, 'app-id');
  if (appId === undefined) throw new UsageError('Name the app: --app-id ID');
  if (!isAppId(appId)) throw new UsageError(`"${appId}" is no app id (${APP_ID_PATTERN.source}).`);
  return appId;
}
