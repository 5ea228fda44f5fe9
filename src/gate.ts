import type { Limits } from './archive/limits.js';
import type { AuthorityParts } from './authority/authority-parts.js';
import type { MailSettings, OpenIdSettings } from './config.js';
import type { AuditListener } from './database/audit-listener.js';
import type { Queryable } from './database/connect.js';
import type { Network } from './network/fetch-bounded.js';
import type { StreamRoom } from './notices/stream-room.js';
import type { Trust } from './pki/trust.js';
import type { StoreRules } from './policy/rules.js';
import type { SecretSealer } from './sealed-secrets.js';
import type { ArchiveStore } from './storage/archive-store.js';
import type { Market } from './storefront/market-lists.js';
import type { DownloadCounter } from './storefront/count-downloads.js';
import type { FileListBounds } from './storefront/file-lists.js';
import type { WaitingRoom } from './storefront/waiting-room.js';

/** Everything a use-case may need of the running gate; wired in `compose.ts`, and nowhere else. */
export interface Gate extends AuthorityParts {
  readonly archives: ArchiveStore;
  /** Whether it makes copies of the screenshots that apps declare. */
  readonly copiesScreenshots: boolean;
  /** The copies of screenshots that the gate made, by the SHA-256 of their bytes. */
  readonly images: ArchiveStore;
  /** Counts what is handed out. */
  readonly downloads: DownloadCounter;
  /** Whom the store trusts at this moment, as `db` sees it: in a transaction, what has been committed before it asks. */
  readonly trust: { current(db?: Queryable): Promise<Trust> };
  /** Whether owners of apps that have a certificate renew it without a moderator. */
  readonly selfRenewal: boolean;
  /** How many days before its end a certificate or a list is spoken of. */
  readonly expiryNoticeDays: number;
  /** Within so many days every stored archive is read again. */
  readonly watchDays: number;
  /** Where addresses that developers declare are reached. */
  readonly network: Network;
  /** Says when the audit log has grown. */
  readonly audit: AuditListener;
  /** How many may follow something at a time. */
  readonly streamRoom: StreamRoom;
  /** How many readers without an account may wait for something at a time. */
  readonly waitingRoom: WaitingRoom;
  /** How many long lists of files are made and sent at a time. */
  readonly fileLists: FileListBounds;
  /** Where revocation lists of outside authorities are fetched. */
  readonly revocationListUrls: readonly string[];
  /** How mail goes out; null: none does. */
  readonly mail: MailSettings | null;
  /** Keeps secrets in the database. */
  readonly secrets: SecretSealer;
  /** Whom people sign in with beside a password; null: nobody. */
  readonly openId: OpenIdSettings | null;
  readonly sessionIdleMs: number;
  /** The proxies before the gate, whose word on where a request comes from is taken: how many, or their addresses. */
  readonly proxies: number | readonly string[];
  readonly limits: Limits;
  /** The rules as the settings have them; what was changed at run time stands in the database. */
  readonly rules: StoreRules;
  /** App ids that nobody can claim; `core` is always among them. */
  readonly reservedAppIds: ReadonlySet<string>;
  /** What ownCloud's market app is told beside the apps, and who is. */
  readonly market: Market;
  /** The version of this software, for reports. */
  readonly version: string;
  /** A folder for uploads under way; on the same file system as the archives, where those are files. */
  readonly temporaryFolder: string;
}
