import type { Finding } from '../report/finding.js';

/** One cause, and the findings it accounts for. */
export interface Explanation {
  /** Whether this is what lies behind the finding. */
  readonly explains: (finding: Finding) => boolean;
  /** The likely cause, in words for the developer. */
  readonly cause: string;
  /** What mends it, where that is more precise than what the catalogue says. */
  readonly fix?: string;
}

/** What every advice ends in. */
export const SIGN_COMMAND = 'portcullis sign --path DIR --key FILE --cert FILE';
