// Made from the OpenAPI document by `npm run client`; not to be changed by hand.
export interface components {
  schemas: {
    /** @description One upload and its verdict. */
    Submission: {
      /** Format: uuid */
      id: string;
      appId: string;
      version: string | null;
      /** @enum {string} */
      outcome: 'accepted' | 'held' | 'refused';
      archive: {
        sha256: string;
        bytes: number;
      };
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      submittedAt: string;
      /** @description The release that came of it; null where there is none (yet). */
      release: {
        url: string;
        /** @enum {string} */
        status: 'published' | 'withdrawn' | 'quarantined';
      } | null;
      report: components['schemas']['Report'];
      /**
       * @description How it stands now, whatever the gate first made of it. `questioned`: a moderator waits for the developer’s answer; `appealed`: a moderator looks at the refusal.
       * @enum {string}
       */
      state: 'accepted' | 'held' | 'refused' | 'questioned' | 'appealed';
      /** @description The last review of it by moderators; null where there was none. */
      review: {
        /** Format: uuid */
        id: string;
        /** @enum {string} */
        kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
        /** @enum {string} */
        state: 'waiting' | 'questioned' | 'closed';
        verdict:
          | (
              | 'accepted'
              | 'refused'
              | 'granted'
              | 'denied'
              | 'approved'
              | 'declined'
              | 'withdrawn'
              | 'restored'
              | 'quarantined'
              | 'dismissed'
              | 'superseded'
            )
          | null;
        /** @description One of the canned reasons, for programs. */
        reasonCode: string | null;
        reason: string | null;
        decidedAt: string | null;
      } | null;
      /** @description What the developer and the store said to each other about it, in its order. */
      thread: {
        /** @enum {string} */
        kind: 'appeal' | 'question' | 'answer' | 'verdict';
        /** @enum {string} */
        from: 'developer' | 'store';
        text: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        happenedAt: string;
      }[];
      /** @description Whether its refusal can be appealed, by its uploader or an owner. */
      canAppeal: boolean;
      /** @description The hash of the verdict’s entry in the audit log, which nobody can change. */
      receipt: string | null;
    };
    /** @description Everything the gate found out about an upload and made of it. */
    Report: {
      /** @constant */
      schema: 1;
      app: {
        id: string;
        version: string;
        name: string;
      } | null;
      archive: {
        sha256: string;
        bytes: number;
        entries: number;
        files: number;
        inflatedBytes: number;
      } | null;
      signature: components['schemas']['Signature'];
      findings: components['schemas']['Finding'][];
      /** @description At most 100 findings of one code are listed; how many more there were of each. */
      omittedFindings: {
        [key: string]: number;
      };
      /** @enum {string} */
      outcome: 'accepted' | 'held' | 'refused';
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      inspectedAt: string;
      gate: {
        version: string;
        trust: string;
      };
    };
    Signature: {
      /** @enum {string} */
      status: 'absent' | 'invalid' | 'valid';
      format: (1 | 2) | null;
      algorithm: ('rsa-pss-sha1' | 'rsa-pss-sha384' | 'ecdsa-p384-sha384') | null;
      signer: {
        commonName: string;
        serial: string;
        fingerprint: string;
        publicKeyFingerprint: string;
        issuer: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        notBefore: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        notAfter: string;
      } | null;
    };
    /** @description One thing that is wrong with, or worth saying about, an upload. */
    Finding: {
      /** @enum {string} */
      code:
        | 'ARCHIVE_NOT_ZIP'
        | 'ARCHIVE_EMPTY'
        | 'ARCHIVE_TOO_LARGE'
        | 'ARCHIVE_TOO_MANY_ENTRIES'
        | 'ARCHIVE_NAMES_TOO_LONG'
        | 'ARCHIVE_INFLATES_TOO_LARGE'
        | 'ARCHIVE_FILE_TOO_LARGE'
        | 'ARCHIVE_RATIO_TOO_HIGH'
        | 'ARCHIVE_TIMEOUT'
        | 'ARCHIVE_NO_TOP_LEVEL_FOLDER'
        | 'ARCHIVE_MALFORMED'
        | 'ARCHIVE_TRUNCATED'
        | 'ARCHIVE_TRAILING_BYTES'
        | 'ARCHIVE_STRAY_BYTES'
        | 'ARCHIVE_UNLISTED_ENTRY'
        | 'ARCHIVE_HIDDEN_RECORD'
        | 'ARCHIVE_OVERLAP'
        | 'ARCHIVE_MULTI_DISK'
        | 'ARCHIVE_DIRECTORY_MISMATCH'
        | 'ARCHIVE_ZIP64_MISMATCH'
        | 'ARCHIVE_HEADER_MISMATCH'
        | 'ARCHIVE_DESCRIPTOR_MISMATCH'
        | 'ARCHIVE_UNKNOWN_LENGTH'
        | 'ARCHIVE_EXTRA_FIELD_MALFORMED'
        | 'ARCHIVE_EXTRA_FIELD_CONFLICT'
        | 'ARCHIVE_COMMENT_ENCODING'
        | 'ARCHIVE_VERSION_NEEDED'
        | 'ARCHIVE_RESERVED_FLAGS'
        | 'ARCHIVE_POLYGLOT'
        | 'ARCHIVE_AMBIGUOUS'
        | 'ARCHIVE_ENCRYPTED'
        | 'ARCHIVE_METHOD_UNSUPPORTED'
        | 'ARCHIVE_DATA_CORRUPT'
        | 'ARCHIVE_DATA_AFTER_STREAM'
        | 'ARCHIVE_CRC_MISMATCH'
        | 'ARCHIVE_SIZE_MISMATCH'
        | 'ARCHIVE_SYMLINK'
        | 'ARCHIVE_SPECIAL_FILE'
        | 'ARCHIVE_KIND_CONFLICT'
        | 'ARCHIVE_FOLDER_WITH_DATA'
        | 'ARCHIVE_UNSAFE_MODE'
        | 'ARCHIVE_UNSAFE_NAME'
        | 'ARCHIVE_NAME_EMPTY'
        | 'ARCHIVE_NAME_ABSOLUTE'
        | 'ARCHIVE_NAME_TRAVERSAL'
        | 'ARCHIVE_NAME_BACKSLASH'
        | 'ARCHIVE_NAME_UNPRINTABLE'
        | 'ARCHIVE_NAME_COLON'
        | 'ARCHIVE_NAME_RESERVED'
        | 'ARCHIVE_NAME_TRAILING_DOT'
        | 'ARCHIVE_NAME_ENCODING'
        | 'ARCHIVE_DUPLICATE_NAME'
        | 'ARCHIVE_NAME_CONFLICT'
        | 'ARCHIVE_PATH_TOO_LONG'
        | 'ARCHIVE_PATH_TOO_DEEP'
        | 'ARCHIVE_NAME_NOT_MARKED_UTF8'
        | 'VCS_DATA'
        | 'PRIVATE_KEY_IN_ARCHIVE'
        | 'PRIVATE_KEY_SEARCH_INCOMPLETE'
        | 'NESTED_SIGNATURE_FILE'
        | 'NESTED_APPINFO'
        | 'JUNK_FILES'
        | 'INFO_XML_MISSING'
        | 'INFO_XML_TOO_LARGE'
        | 'INFO_XML_MALFORMED'
        | 'INFO_XML_ENCODING'
        | 'INFO_XML_DOCTYPE'
        | 'INFO_XML_WRONG_ROOT'
        | 'INFO_XML_ELEMENT_MISSING'
        | 'INFO_XML_ELEMENT_INVALID'
        | 'INFO_XML_ELEMENT_REPEATED'
        | 'INFO_XML_INCOMPLETE'
        | 'MISSING_SIGNATURE'
        | 'SIGNATURE_FILE_MALFORMED'
        | 'SIGNATURE_FILE_TOO_LARGE'
        | 'BAD_CHAIN'
        | 'CN_MISMATCH'
        | 'BAD_SIGNATURE'
        | 'BAD_ALGORITHM'
        | 'REVOKED'
        | 'CRL_UNAVAILABLE'
        | 'CRL_STALE'
        | 'CERTIFICATE_EXPIRES_SOON'
        | 'CRL_EXPIRES_SOON'
        | 'LEGACY_ACCEPTED_WARN'
        | 'INVALID_HASH'
        | 'FILE_MISSING'
        | 'EXTRA_FILE'
        | 'UNSIGNED_LEFTOVER'
        | 'APP_ID_MISMATCH'
        | 'OFFICIAL_APP_UNSIGNED'
        | 'SIGNATURE_DROPPED'
        | 'SIGNING_REQUIRED'
        | 'SIGNER_CHANGED'
        | 'VERSION_EXISTS'
        | 'VERSION_WITHDRAWN'
        | 'VERSION_NOT_NEWER'
        | 'APPROVAL_REQUIRED'
        | 'CORE_NOT_COVERED'
        | 'CORE_VERSION_MISSING'
        | 'SIGNER_REVOKED'
        | 'SIGNER_CHAIN_REVOKED'
        | 'SIGNER_ROOT_ENDED'
        | 'SIGNER_NOT_TRUSTED'
        | 'STORED_ARCHIVE_MISSING'
        | 'STORED_ARCHIVE_CHANGED';
      /** @enum {string} */
      severity: 'error' | 'hold' | 'warning' | 'notice';
      message: string;
      path?: string;
      expected?: string;
      actual?: string;
      fix?: string;
      cause?: string;
    };
    /** @description RFC 9457. Members beyond these depend on the code. */
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
      /** @description For programs; stays the same when the words change. */
      code: string;
    } & {
      [key: string]: unknown;
    };
    /** @description What the gate would say of an upload now. */
    Validation: {
      appId: string;
      version: string | null;
      /** @enum {string} */
      outcome: 'accepted' | 'held' | 'refused';
      report: components['schemas']['Report'];
    };
    SubmissionSummary: {
      /** Format: uuid */
      id: string;
      appId: string;
      version: string | null;
      /** @enum {string} */
      outcome: 'accepted' | 'held' | 'refused';
      archive: {
        sha256: string;
        bytes: number;
      };
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      submittedAt: string;
      /**
       * @description How it stands now, whatever the gate first made of it. `questioned`: a moderator waits for the developer’s answer; `appealed`: a moderator looks at the refusal.
       * @enum {string}
       */
      state: 'accepted' | 'held' | 'refused' | 'questioned' | 'appealed';
      /** @description The last review of it by moderators; null where there was none. */
      review: {
        /** Format: uuid */
        id: string;
        /** @enum {string} */
        kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
        /** @enum {string} */
        state: 'waiting' | 'questioned' | 'closed';
        verdict:
          | (
              | 'accepted'
              | 'refused'
              | 'granted'
              | 'denied'
              | 'approved'
              | 'declined'
              | 'withdrawn'
              | 'restored'
              | 'quarantined'
              | 'dismissed'
              | 'superseded'
            )
          | null;
        /** @description One of the canned reasons, for programs. */
        reasonCode: string | null;
        reason: string | null;
        decidedAt: string | null;
      } | null;
    };
    Verdict: {
      review: components['schemas']['DecidedReview'];
      /** @description The hash of its entry in the audit log. */
      receipt: string;
      /** @description The release that it published, or whose status it changed. */
      release: {
        url: string;
        /** @enum {string} */
        status: 'published' | 'withdrawn' | 'quarantined';
      } | null;
    };
    /** @description A review, and the verdict on it. */
    DecidedReview: {
      /** Format: uuid */
      id: string;
      /**
       * @description `held`: a submission that waits. `appeal`: against a refusal. `signing-request`: for a certificate. `quarantine`: a release that nobody gets. `report`: of trouble, from the public.
       * @enum {string}
       */
      kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
      /**
       * @description `waiting` for a moderator, `questioned`: for the developer, `proposed`: for a second moderator.
       * @enum {string}
       */
      state: 'waiting' | 'questioned' | 'proposed' | 'closed';
      appId: string;
      version: string | null;
      submissionId: string | null;
      requestId: string | null;
      /** @description Of a report. */
      category: ('malware' | 'security' | 'privacy' | 'copyright' | 'broken' | 'other') | null;
      /** @description Null: the public, or the gate itself. */
      openedBy: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      openedAt: string;
      /** @description The moderator who is at it, and until when that counts; null: nobody. */
      claim: {
        by: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        until: string;
      } | null;
      verdict:
        | (
            | 'accepted'
            | 'refused'
            | 'granted'
            | 'denied'
            | 'approved'
            | 'declined'
            | 'withdrawn'
            | 'restored'
            | 'quarantined'
            | 'dismissed'
            | 'superseded'
          )
        | null;
      closedAt: string | null;
      reasonCode: string | null;
      reason: string | null;
      decidedBy: string | null;
      /** @description A verdict that waits for a second moderator. */
      proposal: {
        /** @enum {string} */
        verdict:
          | 'accepted'
          | 'refused'
          | 'granted'
          | 'denied'
          | 'approved'
          | 'declined'
          | 'withdrawn'
          | 'restored'
          | 'quarantined'
          | 'dismissed'
          | 'superseded';
        reasonCode: string | null;
        reason: string;
        /** @description What it would lift. */
        codes: string[];
        by: string | null;
        /** Format: date-time */
        proposedAt: string;
      } | null;
    };
    /** @description What the gate says of a submission now. */
    Reinspection: {
      report: components['schemas']['Report'];
      /** @description What stood in the way and does no more. */
      gone: string[];
      /** @description What stands in the way now and did not. */
      come: string[];
      /** @description The hash of its entry in the audit log. */
      receipt: string;
    };
    App: {
      id: string;
      /** @enum {string} */
      trustLevel: 'experimental' | 'approved' | 'official';
      /** @description When its first signed release was published. */
      signedSince: string | null;
      /** @description Since when it is suspended, and why; null where it is not. */
      suspended: {
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        since: string;
        reason: string;
      } | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
    };
    /** @description Something that happened to an app. The record only grows. */
    AppEvent: {
      id: string;
      /** @enum {string} */
      kind:
        | 'claimed'
        | 'owner-added'
        | 'owner-removed'
        | 'transferred'
        | 'trust-level'
        | 'release-status'
        | 'key-exposed'
        | 'suspended'
        | 'reinstated'
        | 'certificate-requested'
        | 'certificate-issued'
        | 'certificate-revoked';
      /** @description Who did it; "a moderator" to those who are none. */
      account: string;
      /** @description What exactly; which members there are goes by the kind. */
      detail: {
        [key: string]: string;
      };
      reason: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      happenedAt: string;
    };
    /** @description An accepted upload. Whatever its status, it never leaves the history. */
    Release: {
      appId: string;
      version: string;
      /** @enum {string} */
      status: 'published' | 'withdrawn' | 'quarantined';
      statusReason: string | null;
      /** @description One of the canned reasons, for programs. */
      statusReasonCode: string | null;
      statusChangedAt: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      publishedAt: string;
      signed: boolean;
      signature: components['schemas']['Signature'];
      /** @description Since when the certificate that it was signed with is revoked; null where it is not. */
      signerRevoked: {
        serial: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        revokedAt: string;
        /** @enum {string} */
        reason:
          | 'unspecified'
          | 'keyCompromise'
          | 'affiliationChanged'
          | 'superseded'
          | 'cessationOfOperation'
          | 'privilegeWithdrawn';
        /** @description Since when the key is thought to have been in wrong hands. */
        invalidityDate: string | null;
      } | null;
      archive: {
        sha256: string;
        bytes: number;
        url: string;
      };
      /** @description What appinfo/info.xml says. */
      info: unknown;
    };
    /** @description A token; its secret was shown once, when it was made. */
    Token: {
      /** Format: uuid */
      id: string;
      account: string;
      label: string;
      scopes: string[];
      appIds: string[] | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      expiresAt: string | null;
      revokedAt: string | null;
      lastUsedAt: string | null;
    };
    OwnAccount: {
      name: string;
      /** @enum {string} */
      role: 'developer' | 'moderator' | 'administrator';
      /** @description Null also for a token that is made for some apps. */
      email: string | null;
      hasPassword: boolean;
      /** @description Whether sign-in with the password asks for a second factor. */
      hasSecondFactor: boolean;
      /** @description The token that asks. */
      token: {
        /** Format: uuid */
        id: string;
        /** @description What it allows: never more than the role. */
        scopes: ('upload' | 'manage' | 'moderate' | 'operate')[];
        /** @description Null: every app of the account. */
        appIds: string[] | null;
        expiresAt: string | null;
      };
    };
    /** @description A one-time link; its secret was shown once, or sent. */
    Invitation: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      kind: 'account' | 'co-owner' | 'transfer' | 'password-reset';
      /** @description Whom it is for; null: whoever has the link. */
      account: string | null;
      /** @description What the account will be; null but for the kind `account`. */
      role: ('developer' | 'moderator' | 'administrator') | null;
      appId: string | null;
      /** @description Where it was sent, for moderators and whoever made it. */
      email: string | null;
      invitedBy: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      expiresAt: string;
      closedAt: string | null;
      closedAs: ('accepted' | 'declined' | 'revoked') | null;
      acceptedBy: string | null;
    };
    /** @description Somebody a token or a session speaks for. */
    Account: {
      name: string;
      /** @enum {string} */
      role: 'developer' | 'moderator' | 'administrator';
      email: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /** @description Since when it may do nothing, and why; null where it is not suspended. */
      suspended: {
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        since: string;
        reason: string;
      } | null;
    };
    AccountDetail: {
      name: string;
      /** @enum {string} */
      role: 'developer' | 'moderator' | 'administrator';
      email: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /** @description Since when it may do nothing, and why; null where it is not suspended. */
      suspended: {
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        since: string;
        reason: string;
      } | null;
      suspendedBy: string | null;
      /** @description The apps it owns. */
      apps: string[];
    };
    /** @description An app, shown by one of its releases: of those that stand the one published last, or where none stands, of all. `version`, `status`, `signed` and `publishedAt` are those of that release. */
    AppListItem: {
      id: string;
      /** @enum {string} */
      trustLevel: 'experimental' | 'approved' | 'official';
      /** @description When its first signed release was published. */
      signedSince: string | null;
      /** @description Since when it is suspended, and why; null where it is not. */
      suspended: {
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        since: string;
        reason: string;
      } | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      name: string;
      summary: string | null;
      categories: string[];
      /** @enum {string} */
      status: 'published' | 'withdrawn' | 'quarantined';
      signed: boolean;
      version: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      publishedAt: string;
      /** @description The ownCloud versions it is for: both included, `10` means all of 10, null is an open end. */
      platform: {
        min: string | null;
        max: string | null;
      } | null;
      licence: string | null;
      /** @description Who made it, as they say themselves. */
      authors: {
        name: string;
        homepage: string | null;
      }[];
      /** @description Of all its releases, some minutes ago. */
      downloads: number;
      /**
       * Format: date-time
       * @description When something here last changed, the downloads aside.
       */
      changedAt: string;
      /** @description A copy of its first screenshot, small. */
      thumbnail: string | null;
    };
    /** @description An app, shown by one of its releases, with the releases published last. */
    AppDetail: {
      id: string;
      /** @enum {string} */
      trustLevel: 'experimental' | 'approved' | 'official';
      /** @description When its first signed release was published. */
      signedSince: string | null;
      /** @description Since when it is suspended, and why; null where it is not. */
      suspended: {
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        since: string;
        reason: string;
      } | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      name: string;
      summary: string | null;
      categories: string[];
      /** @enum {string} */
      status: 'published' | 'withdrawn' | 'quarantined';
      signed: boolean;
      version: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      publishedAt: string;
      /** @description The ownCloud versions it is for: both included, `10` means all of 10, null is an open end. */
      platform: {
        min: string | null;
        max: string | null;
      } | null;
      licence: string | null;
      /** @description Who made it, as they say themselves. */
      authors: {
        name: string;
        homepage: string | null;
      }[];
      /** @description Of all its releases, some minutes ago. */
      downloads: number;
      /**
       * Format: date-time
       * @description When something here last changed, the downloads aside.
       */
      changedAt: string;
      /** @description A copy of its first screenshot, small. */
      thumbnail: string | null;
      /** @description In each language that it has; first, with the `lang` null, those for everybody else. */
      texts: {
        lang: string | null;
        name: string | null;
        summary: string | null;
        description: {
          source: string;
          /** @description Of the source, with nothing in it that loads, runs or styles. */
          html: string;
        } | null;
      }[];
      links: {
        website: string | null;
        repository: string | null;
        bugs: string | null;
      };
      /** @description Copies of its own that the store has, while the release stands. */
      screenshots: {
        /** @description Relative to the store's own address. */
        url: string;
        width: number;
        height: number;
        /** @description Relative to the store's own address. */
        thumbnail: string;
      }[];
      releases: components['schemas']['ReleaseSummary'][];
      next: string | null;
    };
    /** @description A release in a list; what its info.xml says comes with the release itself. */
    ReleaseSummary: {
      appId: string;
      version: string;
      /** @enum {string} */
      status: 'published' | 'withdrawn' | 'quarantined';
      statusReason: string | null;
      /** @description One of the canned reasons, for programs. */
      statusReasonCode: string | null;
      statusChangedAt: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      publishedAt: string;
      signed: boolean;
      signature: components['schemas']['Signature'];
      /** @description Since when the certificate that it was signed with is revoked; null where it is not. */
      signerRevoked: {
        serial: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        revokedAt: string;
        /** @enum {string} */
        reason:
          | 'unspecified'
          | 'keyCompromise'
          | 'affiliationChanged'
          | 'superseded'
          | 'cessationOfOperation'
          | 'privilegeWithdrawn';
        /** @description Since when the key is thought to have been in wrong hands. */
        invalidityDate: string | null;
      } | null;
      archive: {
        sha256: string;
        bytes: number;
        url: string;
      };
    };
    /** @description Everything that the store says of a release. */
    ReleaseDetail: {
      appId: string;
      version: string;
      /** @enum {string} */
      status: 'published' | 'withdrawn' | 'quarantined';
      statusReason: string | null;
      /** @description One of the canned reasons, for programs. */
      statusReasonCode: string | null;
      statusChangedAt: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      publishedAt: string;
      signed: boolean;
      signature: components['schemas']['Signature'];
      /** @description Since when the certificate that it was signed with is revoked; null where it is not. */
      signerRevoked: {
        serial: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        revokedAt: string;
        /** @enum {string} */
        reason:
          | 'unspecified'
          | 'keyCompromise'
          | 'affiliationChanged'
          | 'superseded'
          | 'cessationOfOperation'
          | 'privilegeWithdrawn';
        /** @description Since when the key is thought to have been in wrong hands. */
        invalidityDate: string | null;
      } | null;
      archive: {
        sha256: string;
        bytes: number;
        url: string;
        entries: number | null;
        files: number | null;
        inflatedBytes: number | null;
      };
      /** @description What appinfo/info.xml says. */
      info: unknown;
      /** @description In each language that it has; first, with the `lang` null, those for everybody else. */
      texts: {
        lang: string | null;
        name: string | null;
        summary: string | null;
        description: {
          source: string;
          /** @description Of the source, with nothing in it that loads, runs or styles. */
          html: string;
        } | null;
      }[];
      categories: string[];
      licence: string | null;
      /** @description Who made it, as they say themselves. */
      authors: {
        name: string;
        homepage: string | null;
      }[];
      /** @description The ownCloud versions it is for: both included, `10` means all of 10, null is an open end. */
      platform: {
        min: string | null;
        max: string | null;
      } | null;
      /** @description What its info.xml says that it needs beside ownCloud, as far as it is understood: versions of PHP (`php`) and the bits of its integers (`int-size`), which have no name, and databases, commands, libraries (`lib`) and operating systems by their names. Empty for releases of a time when the store did not read it. */
      dependencies: {
        /** @enum {string} */
        kind: 'php' | 'int-size' | 'database' | 'command' | 'lib' | 'os';
        name: string | null;
        min: string | null;
        max: string | null;
        /** @description The operating system that a command is needed on. */
        os: string | null;
      }[];
      links: {
        website: string | null;
        repository: string | null;
        bugs: string | null;
      };
      /** @description Copies of its own that the store has, while the release stands. */
      screenshots: {
        /** @description Relative to the store's own address. */
        url: string;
        width: number;
        height: number;
        /** @description Relative to the store's own address. */
        thumbnail: string;
      }[];
      /** @description The section on this version in its CHANGELOG.md; null where there is none. */
      changelog: {
        source: string;
        /** @description Of the source, with nothing in it that loads, runs or styles. */
        html: string;
      } | null;
      /** @description How often it was downloaded, some minutes ago. */
      downloads: number;
      /** @description What the store found when it last looked at it again; published releases are watched. */
      standing: {
        checkedAt: string | null;
        findings: {
          code: string;
          message: string;
          /**
           * Format: date-time
           * @description ISO 8601, UTC
           */
          since: string;
        }[];
      };
      /**
       * Format: date-time
       * @description When something here last changed, the downloads aside.
       */
      changedAt: string;
    };
    /** @description A request for a certificate, and what became of it. */
    SigningRequest: {
      /** Format: uuid */
      id: string;
      appId: string;
      /**
       * @description `pending` waits for a moderator, `questioned` for an answer of the applicant; the others are final.
       * @enum {string}
       */
      state: 'pending' | 'questioned' | 'approved' | 'declined' | 'withdrawn';
      /**
       * @description `new`: the first certificate of the app. `renewal`: the next one. `lost`: one in the place of others, which are revoked when it is issued. `additional`: one beside others, for a build machine say.
       * @enum {string}
       */
      purpose: 'new' | 'renewal' | 'lost' | 'additional';
      key: {
        /** @description For people: `RSA 3072`, `EC P-384`. */
        kind: string;
        /** @description SHA-256 of the SubjectPublicKeyInfo. */
        fingerprint: string;
      };
      /** @description The account that asks. */
      requestedBy: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      requestedAt: string;
      /** @description Of the certificate that came of it. */
      serial: string | null;
      /** @description SHA-256 of the DER of the signing request. */
      csrFingerprint: string;
      /** @description What it was asked for with, for whoever asked and moderators; null for others, and where it was no token. With one that is revoked it is not granted any more. */
      token: {
        label: string;
        scopes: string[];
        revoked: boolean;
      } | null;
      /** @description Serials of the certificates that are revoked when it is granted, where it names them. */
      lost: string[];
      /** @description True where all certificates of the app are revoked that count at the moment when it is granted. */
      lostAll: boolean;
      compromisedSince: string | null;
      declaredUrl: string | null;
      declaredUrlIsPublished: boolean | null;
      contact: string | null;
      note: string;
      events: {
        /** @enum {string} */
        kind:
          | 'requested'
          | 'questioned'
          | 'answered'
          | 'approved'
          | 'declined'
          | 'withdrawn'
          | 'challenged'
          | 'proven'
          | 'not-proven';
        /** @description Who did it. */
        account: string;
        text: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        happenedAt: string;
      }[];
      /** @description The newest last; only that one can still be proven. */
      challenges: {
        declaredUrl: string;
        /** @description Where the value is looked for; one of them is enough. */
        urls: string[];
        /** @description For whoever asked for it, and moderators; null for others. */
        value: string | null;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        createdAt: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        expiresAt: string;
        checkedAt: string | null;
        /** @description Null where it was not looked for yet. */
        outcome: ('proven' | 'not-proven') | null;
        /** @description What was found, or why it was not, for people. */
        detail: string;
        provenUrl: string | null;
        /** @description Exactly what the file must hold, as text; white space around it does not matter. */
        text: string | null;
        /** @description Whether it is the repository or website that the published releases of the app declare. */
        declaredUrlIsPublished: boolean;
      }[];
      /** @description Null where none came of it. */
      certificate: components['schemas']['IssuedCertificate'] | null;
      /** @description How to sign with it, once leaf and chain are in the file that it names. */
      signCommand: string | null;
    };
    /** @description A certificate with those that lead to the root. */
    IssuedCertificate: {
      /** @description Upper-case hex, as `openssl x509 -serial` prints it. */
      serial: string;
      appId: string;
      /**
       * @description `intended`: about to be issued, or never issued because that failed. A revoked one stays revoked when it expires.
       * @enum {string}
       */
      status: 'intended' | 'valid' | 'expired' | 'revoked';
      /** @description SHA-256 of the DER; null where it was only intended. */
      fingerprint: string | null;
      /** @description SHA-256 of the SubjectPublicKeyInfo. */
      publicKeyFingerprint: string;
      /** @description The issuer's key: SHA-256 of its SubjectPublicKeyInfo. */
      issuer: string;
      notBefore: string | null;
      notAfter: string | null;
      issuedAt: string | null;
      revokedAt: string | null;
      revocationReason:
        | (
            | 'unspecified'
            | 'keyCompromise'
            | 'affiliationChanged'
            | 'superseded'
            | 'cessationOfOperation'
            | 'privilegeWithdrawn'
          )
        | null;
      /** @description Since when the key is thought to have been in wrong hands. */
      invalidityDate: string | null;
      /** @description PEM */
      leaf: string;
      /** @description PEM: the issuer, and so on up to the root, which is left out. */
      chain: string[];
    };
    /** @description A request for a certificate in a list. */
    SigningRequestSummary: {
      /** Format: uuid */
      id: string;
      appId: string;
      /**
       * @description `pending` waits for a moderator, `questioned` for an answer of the applicant; the others are final.
       * @enum {string}
       */
      state: 'pending' | 'questioned' | 'approved' | 'declined' | 'withdrawn';
      /**
       * @description `new`: the first certificate of the app. `renewal`: the next one. `lost`: one in the place of others, which are revoked when it is issued. `additional`: one beside others, for a build machine say.
       * @enum {string}
       */
      purpose: 'new' | 'renewal' | 'lost' | 'additional';
      key: {
        /** @description For people: `RSA 3072`, `EC P-384`. */
        kind: string;
        /** @description SHA-256 of the SubjectPublicKeyInfo. */
        fingerprint: string;
      };
      /** @description The account that asks. */
      requestedBy: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      requestedAt: string;
      /** @description Of the certificate that came of it. */
      serial: string | null;
    };
    /** @description The certificate that came of a signing request. */
    Approval: {
      certificate: components['schemas']['IssuedCertificate'];
      /** @description How to sign with it. */
      signCommand: string;
      request: components['schemas']['SigningRequestSummary'];
    };
    /** @description A one-time value that proves control of a repository or website where it is published there. */
    ControlChallenge: {
      declaredUrl: string;
      /** @description Where the value is looked for; one of them is enough. */
      urls: string[];
      /** @description For whoever asked for it, and moderators; null for others. */
      value: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      expiresAt: string;
      checkedAt: string | null;
      /** @description Null where it was not looked for yet. */
      outcome: ('proven' | 'not-proven') | null;
      /** @description What was found, or why it was not, for people. */
      detail: string;
      provenUrl: string | null;
      /** @description Exactly what the file must hold, as text; white space around it does not matter. */
      text: string | null;
    };
    /** @description A certificate as it stands in the public ledger. */
    CertificateEntry: {
      /** @description Upper-case hex, as `openssl x509 -serial` prints it. */
      serial: string;
      appId: string;
      /**
       * @description `intended`: about to be issued, or never issued because that failed. A revoked one stays revoked when it expires.
       * @enum {string}
       */
      status: 'intended' | 'valid' | 'expired' | 'revoked';
      /** @description SHA-256 of the DER; null where it was only intended. */
      fingerprint: string | null;
      /** @description SHA-256 of the SubjectPublicKeyInfo. */
      publicKeyFingerprint: string;
      /** @description The issuer's key: SHA-256 of its SubjectPublicKeyInfo. */
      issuer: string;
      notBefore: string | null;
      notAfter: string | null;
      issuedAt: string | null;
      revokedAt: string | null;
      revocationReason:
        | (
            | 'unspecified'
            | 'keyCompromise'
            | 'affiliationChanged'
            | 'superseded'
            | 'cessationOfOperation'
            | 'privilegeWithdrawn'
          )
        | null;
      /** @description Since when the key is thought to have been in wrong hands. */
      invalidityDate: string | null;
    };
    /** @description A certificate of the ledger with those that lead to the root. */
    LedgerCertificate: {
      /** @description Upper-case hex, as `openssl x509 -serial` prints it. */
      serial: string;
      appId: string;
      /**
       * @description `intended`: about to be issued, or never issued because that failed. A revoked one stays revoked when it expires.
       * @enum {string}
       */
      status: 'intended' | 'valid' | 'expired' | 'revoked';
      /** @description SHA-256 of the DER; null where it was only intended. */
      fingerprint: string | null;
      /** @description SHA-256 of the SubjectPublicKeyInfo. */
      publicKeyFingerprint: string;
      /** @description The issuer's key: SHA-256 of its SubjectPublicKeyInfo. */
      issuer: string;
      notBefore: string | null;
      notAfter: string | null;
      issuedAt: string | null;
      revokedAt: string | null;
      revocationReason:
        | (
            | 'unspecified'
            | 'keyCompromise'
            | 'affiliationChanged'
            | 'superseded'
            | 'cessationOfOperation'
            | 'privilegeWithdrawn'
          )
        | null;
      /** @description Since when the key is thought to have been in wrong hands. */
      invalidityDate: string | null;
      /** @description PEM; null where it is not kept here. */
      leaf: string | null;
      /** @description PEM: the issuer, and so on up to the root, which is left out. */
      chain: string[];
    };
    /** @description What a revocation does, or would do. */
    RevocationEffect: {
      certificate: components['schemas']['CertificateEntry'];
      /** @description Others over the same key, of whatever app: one that is compromised is so in all of them. Those that were revoked so before are not repeated. */
      alsoRevoked: components['schemas']['CertificateEntry'][];
      /** @description Releases that are no longer served. */
      quarantined: {
        appId: string;
        version: string;
        /** @enum {string} */
        status: 'published' | 'withdrawn' | 'quarantined';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        publishedAt: string;
      }[];
      /** @description Releases that stay as they are, and are marked. */
      kept: {
        appId: string;
        version: string;
        /** @enum {string} */
        status: 'published' | 'withdrawn' | 'quarantined';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        publishedAt: string;
      }[];
      /** @description The other certificates of the app that count; none where it can sign nothing new. */
      remaining: components['schemas']['CertificateEntry'][];
    };
    /** @description Something that waits for a moderator, in the queue. */
    ReviewSummary: {
      /** Format: uuid */
      id: string;
      /**
       * @description `held`: a submission that waits. `appeal`: against a refusal. `signing-request`: for a certificate. `quarantine`: a release that nobody gets. `report`: of trouble, from the public.
       * @enum {string}
       */
      kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
      /**
       * @description `waiting` for a moderator, `questioned`: for the developer, `proposed`: for a second moderator.
       * @enum {string}
       */
      state: 'waiting' | 'questioned' | 'proposed' | 'closed';
      appId: string;
      version: string | null;
      submissionId: string | null;
      requestId: string | null;
      /** @description Of a report. */
      category: ('malware' | 'security' | 'privacy' | 'copyright' | 'broken' | 'other') | null;
      /** @description Null: the public, or the gate itself. */
      openedBy: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      openedAt: string;
      /** @description The moderator who is at it, and until when that counts; null: nobody. */
      claim: {
        by: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        until: string;
      } | null;
      verdict:
        | (
            | 'accepted'
            | 'refused'
            | 'granted'
            | 'denied'
            | 'approved'
            | 'declined'
            | 'withdrawn'
            | 'restored'
            | 'quarantined'
            | 'dismissed'
            | 'superseded'
          )
        | null;
      closedAt: string | null;
      /** @description Whose upload or request it is about. */
      uploader: string | null;
      /** @enum {string} */
      trustLevel: 'experimental' | 'approved' | 'official';
      appSuspended: boolean;
      /** @description What a submission is held for, or an appealed one was refused for. */
      codes: string[];
    };
    /** @description How many reviews are not decided, by kind and state. */
    ReviewCounts: {
      held: {
        waiting: number;
        questioned: number;
        proposed: number;
      };
      appeal: {
        waiting: number;
        questioned: number;
        proposed: number;
      };
      'signing-request': {
        waiting: number;
        questioned: number;
        proposed: number;
      };
      quarantine: {
        waiting: number;
        questioned: number;
        proposed: number;
      };
      report: {
        waiting: number;
        questioned: number;
        proposed: number;
      };
    };
    /** @description A review with everything that belongs to it but the difference. */
    ReviewDetail: {
      /** Format: uuid */
      id: string;
      /**
       * @description `held`: a submission that waits. `appeal`: against a refusal. `signing-request`: for a certificate. `quarantine`: a release that nobody gets. `report`: of trouble, from the public.
       * @enum {string}
       */
      kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
      /**
       * @description `waiting` for a moderator, `questioned`: for the developer, `proposed`: for a second moderator.
       * @enum {string}
       */
      state: 'waiting' | 'questioned' | 'proposed' | 'closed';
      appId: string;
      version: string | null;
      submissionId: string | null;
      requestId: string | null;
      /** @description Of a report. */
      category: ('malware' | 'security' | 'privacy' | 'copyright' | 'broken' | 'other') | null;
      /** @description Null: the public, or the gate itself. */
      openedBy: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      openedAt: string;
      /** @description The moderator who is at it, and until when that counts; null: nobody. */
      claim: {
        by: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        until: string;
      } | null;
      verdict:
        | (
            | 'accepted'
            | 'refused'
            | 'granted'
            | 'denied'
            | 'approved'
            | 'declined'
            | 'withdrawn'
            | 'restored'
            | 'quarantined'
            | 'dismissed'
            | 'superseded'
          )
        | null;
      closedAt: string | null;
      /** @description How to reach whoever reported it. */
      contact: string | null;
      /** @description A verdict that waits for a second moderator. */
      proposal: {
        /** @enum {string} */
        verdict:
          | 'accepted'
          | 'refused'
          | 'granted'
          | 'denied'
          | 'approved'
          | 'declined'
          | 'withdrawn'
          | 'restored'
          | 'quarantined'
          | 'dismissed'
          | 'superseded';
        reasonCode: string | null;
        reason: string;
        /** @description The codes it would lift. */
        codes: string[];
        by: string;
      } | null;
      reasonCode: string | null;
      reason: string | null;
      decidedBy: string | null;
      events: components['schemas']['ReviewEvent'][];
      /** @description What it is about, or what the release it is about came of. */
      submission: components['schemas']['Submission'] | null;
      /** @description Second looks of the gate at the submission, the newest first. */
      reinspections: {
        /** Format: uuid */
        id: string;
        /** @enum {string} */
        outcome: 'accepted' | 'held' | 'refused';
        account: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        inspectedAt: string;
        report: components['schemas']['Report'];
      }[];
      /** @description Whoever uploaded it or asks for it, and how. */
      uploader: {
        account: string;
        /** @enum {string} */
        role: 'developer' | 'moderator' | 'administrator';
        suspended: boolean;
        token: {
          /** Format: uuid */
          id: string;
          /**
           * @description A program’s token, or the session of a browser.
           * @enum {string}
           */
          kind: 'bearer' | 'session';
          label: string;
          scopes: string[];
          appIds: string[] | null;
          /**
           * Format: date-time
           * @description ISO 8601, UTC
           */
          createdAt: string;
          expiresAt: string | null;
          revokedAt: string | null;
        };
      } | null;
      app: components['schemas']['App'];
      owners: string[];
      /** @description What happened to the app, the newest first. */
      timeline: components['schemas']['AppEvent'][];
      /** @description The release it is about, or that came of it. */
      release: components['schemas']['Release'] | null;
      /** @description Of the app, the one published last first. */
      releases: components['schemas']['ReleaseSummary'][];
      /** @description Other submissions of the same version or the same bytes. */
      related: components['schemas']['SubmissionSummary'][];
      signingRequest: components['schemas']['SigningRequest'] | null;
    };
    /** @description Something that was said or done in a review. The record only grows. */
    ReviewEvent: {
      /** @enum {string} */
      kind:
        | 'opened'
        | 'claimed'
        | 'let-go'
        | 'question'
        | 'answer'
        | 'note'
        | 'inspected'
        | 'proposed'
        | 'objected'
        | 'verdict';
      /** @description Null: the public, or the gate itself. */
      account: string | null;
      /** @description True for what moderators say among themselves. */
      internal: boolean;
      text: string;
      detail: {
        [key: string]: unknown;
      };
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      happenedAt: string;
    };
    /** @description What a review’s archive has otherwise than the last published release. */
    Difference: {
      after: {
        version: string | null;
        archive: {
          sha256: string;
          bytes: number;
        };
        /** @description Null for what is no release. */
        publishedAt: string | null;
      };
      /** @description Null where nothing was published before. */
      before: {
        version: string | null;
        archive: {
          sha256: string;
          bytes: number;
        };
        /** @description Null for what is no release. */
        publishedAt: string | null;
      } | null;
      /** @description Null where the archive can’t be read to its end: then no file is compared. */
      counts: {
        added: number;
        removed: number;
        changed: number;
        unchanged: number;
      } | null;
      files: {
        /** @description As it stands in the archive, below the app’s folder. */
        path: string;
        /** @description The same with everything made visible that could mislead. */
        name: string;
        /** @enum {string} */
        kind: 'added' | 'removed' | 'changed';
        before: {
          bytes: number;
          sha512: string;
        } | null;
        after: {
          bytes: number;
          sha512: string;
        } | null;
        text: {
          added: number;
          removed: number;
          omittedLines: number;
          /** @description True where everything between the common beginning and the common end counts as changed. */
          coarse: boolean;
          hunks: {
            /** @enum {string} */
            kind: 'same' | 'removed' | 'added';
            /** @description Its number in the older text. */
            before: number | null;
            after: number | null;
            /** @description What could mislead (control characters, bidirectional ones) is written as `\u{hex}`. */
            text: string;
            /** @description How many characters of a long line are left out before this piece of it. */
            cutBefore: number;
            cutAfter: number;
          }[][];
        } | null;
        /** @description Why there is no text: `removed`, `binary`, `too-large`; `not-now`: the bounds of the page were reached, and asked for by its path it comes; `lost`: the storage doesn’t have the older one. */
        textLeftOut: ('removed' | 'binary' | 'too-large' | 'not-now' | 'lost') | null;
      }[];
      /** @description The query `after` of the next page. */
      next: string | null;
      /** @description In how many files of this page a text is left out. */
      omittedTexts: number;
      /** @description What info.xml says otherwise; null where it can’t be read. */
      info:
        | {
            field: string;
            before: string | null;
            after: string | null;
          }[]
        | null;
      signer: {
        before: components['schemas']['Signature'] | null;
        after: components['schemas']['Signature'];
        changed: ('status' | 'format' | 'algorithm' | 'commonName' | 'issuer' | 'serial' | 'certificate' | 'key')[];
      };
    };
    /** @description A review by itself. */
    Review: {
      /** Format: uuid */
      id: string;
      /**
       * @description `held`: a submission that waits. `appeal`: against a refusal. `signing-request`: for a certificate. `quarantine`: a release that nobody gets. `report`: of trouble, from the public.
       * @enum {string}
       */
      kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
      /**
       * @description `waiting` for a moderator, `questioned`: for the developer, `proposed`: for a second moderator.
       * @enum {string}
       */
      state: 'waiting' | 'questioned' | 'proposed' | 'closed';
      appId: string;
      version: string | null;
      submissionId: string | null;
      requestId: string | null;
      /** @description Of a report. */
      category: ('malware' | 'security' | 'privacy' | 'copyright' | 'broken' | 'other') | null;
      /** @description Null: the public, or the gate itself. */
      openedBy: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      openedAt: string;
      /** @description The moderator who is at it, and until when that counts; null: nobody. */
      claim: {
        by: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        until: string;
      } | null;
      verdict:
        | (
            | 'accepted'
            | 'refused'
            | 'granted'
            | 'denied'
            | 'approved'
            | 'declined'
            | 'withdrawn'
            | 'restored'
            | 'quarantined'
            | 'dismissed'
            | 'superseded'
          )
        | null;
      closedAt: string | null;
    };
    AuditEntry: {
      /** @description Counts the entries from 1 on, without a gap. */
      position: number;
      /** @description SHA-256, lower-case hex. */
      hash: string;
      /** Format: date-time */
      at: string;
      /** @description What happened: `release-published`, `review-verdict` … */
      kind: string;
      /** @description The account that did it; `(public)` for somebody without one. */
      actor: string;
      app: string | null;
      subject: {
        /** @enum {string} */
        type:
          | 'store'
          | 'account'
          | 'token'
          | 'invitation'
          | 'app'
          | 'submission'
          | 'release'
          | 'review'
          | 'override'
          | 'rule'
          | 'signing-request'
          | 'certificate'
          | 'webhook';
        id: string;
      };
      reason: string;
      before: {
        [key: string]: unknown;
      } | null;
      after: {
        [key: string]: unknown;
      } | null;
      /** @description The `X-Request-Id` of the answer to the request that did it. */
      request: string | null;
    };
    /** @description A finding code, and what this store makes of it. */
    Rule: {
      /** @enum {string} */
      code:
        | 'ARCHIVE_NOT_ZIP'
        | 'ARCHIVE_EMPTY'
        | 'ARCHIVE_TOO_LARGE'
        | 'ARCHIVE_TOO_MANY_ENTRIES'
        | 'ARCHIVE_NAMES_TOO_LONG'
        | 'ARCHIVE_INFLATES_TOO_LARGE'
        | 'ARCHIVE_FILE_TOO_LARGE'
        | 'ARCHIVE_RATIO_TOO_HIGH'
        | 'ARCHIVE_TIMEOUT'
        | 'ARCHIVE_NO_TOP_LEVEL_FOLDER'
        | 'ARCHIVE_MALFORMED'
        | 'ARCHIVE_TRUNCATED'
        | 'ARCHIVE_TRAILING_BYTES'
        | 'ARCHIVE_STRAY_BYTES'
        | 'ARCHIVE_UNLISTED_ENTRY'
        | 'ARCHIVE_HIDDEN_RECORD'
        | 'ARCHIVE_OVERLAP'
        | 'ARCHIVE_MULTI_DISK'
        | 'ARCHIVE_DIRECTORY_MISMATCH'
        | 'ARCHIVE_ZIP64_MISMATCH'
        | 'ARCHIVE_HEADER_MISMATCH'
        | 'ARCHIVE_DESCRIPTOR_MISMATCH'
        | 'ARCHIVE_UNKNOWN_LENGTH'
        | 'ARCHIVE_EXTRA_FIELD_MALFORMED'
        | 'ARCHIVE_EXTRA_FIELD_CONFLICT'
        | 'ARCHIVE_COMMENT_ENCODING'
        | 'ARCHIVE_VERSION_NEEDED'
        | 'ARCHIVE_RESERVED_FLAGS'
        | 'ARCHIVE_POLYGLOT'
        | 'ARCHIVE_AMBIGUOUS'
        | 'ARCHIVE_ENCRYPTED'
        | 'ARCHIVE_METHOD_UNSUPPORTED'
        | 'ARCHIVE_DATA_CORRUPT'
        | 'ARCHIVE_DATA_AFTER_STREAM'
        | 'ARCHIVE_CRC_MISMATCH'
        | 'ARCHIVE_SIZE_MISMATCH'
        | 'ARCHIVE_SYMLINK'
        | 'ARCHIVE_SPECIAL_FILE'
        | 'ARCHIVE_KIND_CONFLICT'
        | 'ARCHIVE_FOLDER_WITH_DATA'
        | 'ARCHIVE_UNSAFE_MODE'
        | 'ARCHIVE_UNSAFE_NAME'
        | 'ARCHIVE_NAME_EMPTY'
        | 'ARCHIVE_NAME_ABSOLUTE'
        | 'ARCHIVE_NAME_TRAVERSAL'
        | 'ARCHIVE_NAME_BACKSLASH'
        | 'ARCHIVE_NAME_UNPRINTABLE'
        | 'ARCHIVE_NAME_COLON'
        | 'ARCHIVE_NAME_RESERVED'
        | 'ARCHIVE_NAME_TRAILING_DOT'
        | 'ARCHIVE_NAME_ENCODING'
        | 'ARCHIVE_DUPLICATE_NAME'
        | 'ARCHIVE_NAME_CONFLICT'
        | 'ARCHIVE_PATH_TOO_LONG'
        | 'ARCHIVE_PATH_TOO_DEEP'
        | 'ARCHIVE_NAME_NOT_MARKED_UTF8'
        | 'VCS_DATA'
        | 'PRIVATE_KEY_IN_ARCHIVE'
        | 'PRIVATE_KEY_SEARCH_INCOMPLETE'
        | 'NESTED_SIGNATURE_FILE'
        | 'NESTED_APPINFO'
        | 'JUNK_FILES'
        | 'INFO_XML_MISSING'
        | 'INFO_XML_TOO_LARGE'
        | 'INFO_XML_MALFORMED'
        | 'INFO_XML_ENCODING'
        | 'INFO_XML_DOCTYPE'
        | 'INFO_XML_WRONG_ROOT'
        | 'INFO_XML_ELEMENT_MISSING'
        | 'INFO_XML_ELEMENT_INVALID'
        | 'INFO_XML_ELEMENT_REPEATED'
        | 'INFO_XML_INCOMPLETE'
        | 'MISSING_SIGNATURE'
        | 'SIGNATURE_FILE_MALFORMED'
        | 'SIGNATURE_FILE_TOO_LARGE'
        | 'BAD_CHAIN'
        | 'CN_MISMATCH'
        | 'BAD_SIGNATURE'
        | 'BAD_ALGORITHM'
        | 'REVOKED'
        | 'CRL_UNAVAILABLE'
        | 'CRL_STALE'
        | 'CERTIFICATE_EXPIRES_SOON'
        | 'CRL_EXPIRES_SOON'
        | 'LEGACY_ACCEPTED_WARN'
        | 'INVALID_HASH'
        | 'FILE_MISSING'
        | 'EXTRA_FILE'
        | 'UNSIGNED_LEFTOVER'
        | 'APP_ID_MISMATCH'
        | 'OFFICIAL_APP_UNSIGNED'
        | 'SIGNATURE_DROPPED'
        | 'SIGNING_REQUIRED'
        | 'SIGNER_CHANGED'
        | 'VERSION_EXISTS'
        | 'VERSION_WITHDRAWN'
        | 'VERSION_NOT_NEWER'
        | 'APPROVAL_REQUIRED'
        | 'CORE_NOT_COVERED'
        | 'CORE_VERSION_MISSING'
        | 'SIGNER_REVOKED'
        | 'SIGNER_CHAIN_REVOKED'
        | 'SIGNER_ROOT_ENDED'
        | 'SIGNER_NOT_TRUSTED'
        | 'STORED_ARCHIVE_MISSING'
        | 'STORED_ARCHIVE_CHANGED';
      message: string;
      /** @description What its findings weigh here; null: they are not reported. */
      weight: ('error' | 'hold' | 'warning' | 'notice') | null;
      /** @description What the store has set it to; null: nothing. */
      mode: ('off' | 'shadow' | 'hold' | 'refuse') | null;
      /**
       * @description `store`: an administrator, at run time.
       * @enum {string}
       */
      source: 'catalogue' | 'settings' | 'store';
      defaultWeight: ('error' | 'hold' | 'warning' | 'notice') | null;
      configurable: boolean;
      /** @description Whether a moderator may lift it for one upload. */
      liftable: boolean;
      changedAt: string | null;
    };
    Statistics: {
      /** Format: date-time */
      since: string;
      /** Format: date-time */
      until: string;
      submissions: {
        /**
         * Format: date
         * @description In UTC.
         */
        day: string;
        accepted: number;
        held: number;
        refused: number;
      }[];
      /** @description By the week, which begins on Monday. A refusal that was for several codes counts for each. */
      refusals: {
        /**
         * Format: date
         * @description In UTC.
         */
        week: string;
        code: string;
        count: number;
      }[];
      decisions: {
        /** @enum {string} */
        kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
        decided: number;
        /** @description Seconds from its opening to the verdict. */
        median: number;
        /** @description Seconds from its opening to the verdict. */
        ninetieth: number;
      }[];
      open: {
        /** @enum {string} */
        kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
        underOneDay: number;
        underThreeDays: number;
        underAWeek: number;
        older: number;
        /** Format: date-time */
        oldest: string;
      }[];
      /** @description Apps whose last three submissions or more were all refused. */
      failingApps: {
        appId: string;
        refusals: number;
        /** Format: date-time */
        since: string;
        /** Format: date-time */
        lastAt: string;
      }[];
      /** @description For administrators; null for moderators. */
      moderators:
        | {
            account: string;
            /** @enum {string} */
            kind: 'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report';
            decided: number;
          }[]
        | null;
    };
    /** @description Where your programs are told what concerns your account. */
    Webhook: {
      /** Format: uuid */
      id: string;
      url: string;
      topics: string[];
      /** Format: date-time */
      createdAt: string;
      enabled: boolean;
      disabledAt: string | null;
      disabledBecause: string | null;
    };
    /** @description Something that a webhook was told, or is to be. */
    WebhookDelivery: {
      /** Format: uuid */
      id: string;
      topic: string;
      /** @enum {string} */
      state: 'waiting' | 'delivered' | 'given-up';
      attempts: number;
      /** Format: date-time */
      createdAt: string;
      lastAttemptAt: string | null;
      nextTryAt: string | null;
      deliveredAt: string | null;
      lastStatus: number | null;
      lastFailure: string | null;
      replayOf: string | null;
      /** @description What is sent, as it is sent and signed. */
      body: string;
    };
    /** @description What an account is told by mail. */
    NotificationChoices: {
      /** @description Where mail goes; null: the account has no address. */
      email: string | null;
      storeSendsMail: boolean;
      topics: {
        topic: string;
        summary: string;
        byMail: boolean;
        byDefault: boolean;
        /** @description False for what is always told. */
        canChange: boolean;
      }[];
    };
    /** @description JSON Feed 1.1. */
    ReleaseFeed: {
      /** @constant */
      version: 'https://jsonfeed.org/version/1.1';
      title: string;
      home_page_url: string;
      feed_url: string;
      language: string;
      items: {
        id: string;
        url: string;
        title: string;
        content_text: string;
        /** Format: date-time */
        date_published: string;
        tags: string[];
        _portcullis: {
          app: string;
          version: string;
          /** @enum {string} */
          change: 'published' | 'withdrawn' | 'quarantined' | 'restored';
          reasonCode: string | null;
        };
      }[];
    };
    /** @description An app as ownCloud’s market app reads it. */
    MarketApp: {
      id: string;
      /** @constant */
      type: 'app';
      name: string;
      /** @description The same as the name. */
      title: string;
      /** @description Ids, as `categories.json` has them. */
      categories: string[];
      /** @description Markdown without HTML, images, and links elsewhere than to the web. */
      description: string;
      /** @description Copies that the store made. Of an app that has none an empty image. */
      screenshots: {
        url: string;
      }[];
      /** @description Its page in the store. */
      marketplace: string;
      downloads: number;
      /** @description All 0: nobody rates apps here. */
      rating: {
        1: number;
        2: number;
        3: number;
        4: number;
        5: number;
        mean: number;
      };
      /** @constant */
      downloadable: true;
      publisher: {
        name: string;
        url: string;
        isPagePublic: boolean;
      };
      /** @description Those that stand, the one published last first; at most 500. */
      releases: components['schemas']['MarketRelease'][];
    };
    MarketRelease: {
      version: string;
      /** @description The lowest version of ownCloud; `0` where there is none. */
      platformMin: string;
      /** @description The highest; a shorter one, as `10`, stands for all that begin with it. `99999` where there is none. */
      platformMax: string;
      /** @description The archive; the address ends in `.zip`. */
      download: string;
      license: string;
      /** Format: date-time */
      created: string;
      downloads: number;
    };
  };
}
export interface operations {
  listReleases: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string | null;
      };
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        appId: string;
      };
    };

    responses: {
      /** @description The one published last comes first; withdrawn and quarantined ones are among them. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            releases: components['schemas']['ReleaseSummary'][];
            next: string | null;
          };
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such app. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  uploadRelease: {
    parameters: {
      header?: {
        /** @description RFC 9530: sha-256 or sha-512 of the body; checked where sent. */
        'Content-Digest'?: string;
        /** @description Up to 255 printable ASCII characters; the same key with the same upload gets the first answer again. */
        'Idempotency-Key'?: string;
      };
      path: {
        appId: string;
      };
    };
    requestBody: {
      content: {
        'multipart/form-data': {
          archive: string;
        };
        'application/zip': unknown;
      };
    };
    responses: {
      /** @description These bytes are already published as this version. */
      200: {
        content: {
          'application/json': components['schemas']['Submission'];
        };
      };
      /** @description Accepted and published. */
      201: {
        content: {
          'application/json': components['schemas']['Submission'];
        };
      };
      /** @description Held for a moderator. */
      202: {
        content: {
          'application/json': components['schemas']['Submission'];
        };
      };
      /** @description No archive, or the body is damaged. */
      400: {};
      /** @description The token or its account may not upload this app. */
      403: {};
      /** @description The version is taken; a problem and the submission in one. */
      409: {
        content: {
          'application/problem+json':
            (components['schemas']['Problem'] & components['schemas']['Submission']) | components['schemas']['Problem'];
        };
      };
      /** @description Larger than the store accepts. */
      413: {};
      /** @description Not a zip. */
      415: {};
      /** @description Refused; a problem and the submission in one. */
      422: {
        content: {
          'application/problem+json':
            (components['schemas']['Problem'] & components['schemas']['Submission']) | components['schemas']['Problem'];
        };
      };
      /** @description Many of your uploads of this app wait for a moderator already. */
      429: {};
      /** @description Cannot be judged now; try again later. */
      503: {};
    };
  };
  validateUpload: {
    parameters: {
      header?: {
        /** @description RFC 9530: sha-256 or sha-512 of the body; checked where sent. */
        'Content-Digest'?: string;
      };
      path: {
        appId: string;
      };
    };
    requestBody: {
      content: {
        'multipart/form-data': {
          archive: string;
        };
        'application/zip': unknown;
      };
    };
    responses: {
      /** @description The report, whatever its outcome. */
      200: {
        content: {
          'application/json': components['schemas']['Validation'];
        };
      };
      /** @description No archive, or the body is damaged. */
      400: {};
      /** @description The token or its account may not upload this app. */
      403: {};
      /** @description Larger than the store accepts. */
      413: {};
      /** @description Not a zip. */
      415: {};
      /** @description Cannot be judged now; try again later. */
      503: {};
    };
  };
  readRequirements: {
    parameters: {
      path: {
        appId: string;
      };
    };

    responses: {
      /** @description Whether the next upload must be signed, and because of which release; and whether one is taken at all. */
      200: {
        content: {
          'application/json': {
            appId: string;
            /** @enum {string} */
            trustLevel: 'experimental' | 'approved' | 'official';
            /** @description Since when it is suspended, and why; null where it is not. */
            suspended: {
              /**
               * Format: date-time
               * @description ISO 8601, UTC
               */
              since: string;
              reason: string;
            } | null;
            signature: {
              required: boolean;
              reason: ('OFFICIAL_APP_UNSIGNED' | 'SIGNATURE_DROPPED' | 'SIGNING_REQUIRED') | null;
              because: {
                version: string;
                publishedAt: string;
              } | null;
            };
          };
        };
      };
    };
  };
  readSubmission: {
    parameters: {
      query?: {
        /** @description Seconds to wait for a moderator, where it waits for one. */
        wait?: number;
      };

      path: {
        id: string;
      };
    };

    responses: {
      /** @description For whoever made it, the owners of the app, and moderators. */
      200: {
        content: {
          'application/json': components['schemas']['Submission'];
        };
      };
      /** @description Not there, or none of your business. */
      404: {};
    };
  };
  listSubmissions: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };

      path: {
        appId: string;
      };
    };

    responses: {
      /** @description All of them for the owners of the app and moderators; your own otherwise. */
      200: {
        content: {
          'application/json': {
            submissions: components['schemas']['SubmissionSummary'][];
            next: string | null;
          };
        };
      };
    };
  };
  appealRefusal: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          text: string;
        };
      };
    };
    responses: {
      /** @description The submission, whose refusal is looked at again. */
      201: {
        content: {
          'application/json': components['schemas']['Submission'];
        };
      };
      /** @description Not a submission of yours, or the token does not carry the scope. */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description It was not refused, was appealed already, or its version has been published since. */
      409: {};
      /** @description Too many of your appeals wait. */
      429: {};
    };
  };
  answerQuestion: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          text: string;
        };
      };
    };
    responses: {
      /** @description The submission. */
      200: {
        content: {
          'application/json': components['schemas']['Submission'];
        };
      };
      /** @description Not a submission of yours, or the token does not carry the scope. */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
    };
  };
  decideReview: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          verdict:
            | 'accepted'
            | 'refused'
            | 'granted'
            | 'denied'
            | 'approved'
            | 'declined'
            | 'withdrawn'
            | 'restored'
            | 'quarantined'
            | 'dismissed'
            | 'superseded';
          /**
           * @description One of the canned reasons that fits the verdict.
           * @default null
           */
          reasonCode?: string | null;
          /**
           * @description Why; the developer reads it. May be left out where `reasonCode` says it.
           * @default
           */
          reason?: string;
          /** @description The finding codes that are lifted. Left out: those that stand in the way by the report on record, as far as they can be lifted. */
          codes?: string[];
        };
      };
    };
    responses: {
      /** @description Decided. */
      200: {
        content: {
          'application/json': components['schemas']['Verdict'];
        };
      };
      /** @description Proposed: a second moderator must agree. */
      202: {
        content: {
          'application/json': components['schemas']['Verdict'];
        };
      };
      /** @description Not a moderator; or their own case: their upload, their app, the appeal of a verdict of theirs. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, somebody else is at it, it can’t be decided so, or the gate, looking again, refuses: `STILL_REFUSED` comes with the fresh report. */
      409: {
        content: {
          'application/problem+json':
            | (components['schemas']['Problem'] &
                ({
                  report?: components['schemas']['Report'];
                } & {
                  [key: string]: unknown;
                }))
            | components['schemas']['Problem'];
        };
      };
      /** @description The caller has too many archives inspected at a time. */
      429: {};
      /** @description The archive, or what it is judged by, is not to be had now. */
      503: {};
    };
  };
  confirmProposal: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description Decided. */
      200: {
        content: {
          'application/json': components['schemas']['Verdict'];
        };
      };
      /** @description Proposed: a second moderator must agree. */
      202: {
        content: {
          'application/json': components['schemas']['Verdict'];
        };
      };
      /** @description Not a moderator; or their own case: their upload, their app, the appeal of a verdict of theirs. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, somebody else is at it, it can’t be decided so, or the gate, looking again, refuses: `STILL_REFUSED` comes with the fresh report. */
      409: {
        content: {
          'application/problem+json':
            | (components['schemas']['Problem'] &
                ({
                  report?: components['schemas']['Report'];
                } & {
                  [key: string]: unknown;
                }))
            | components['schemas']['Problem'];
        };
      };
      /** @description The caller has too many archives inspected at a time. */
      429: {};
      /** @description The archive, or what it is judged by, is not to be had now. */
      503: {};
    };
  };
  objectToProposal: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The review. */
      200: {
        content: {
          'application/json': components['schemas']['DecidedReview'];
        };
      };
      /** @description Not a moderator, or it is their own case. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, somebody else is at it, or it can’t be decided so. */
      409: {};
    };
  };
  askDeveloper: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The question; the developer reads it. */
          text: string;
        };
      };
    };
    responses: {
      /** @description The review. */
      200: {
        content: {
          'application/json': components['schemas']['DecidedReview'];
        };
      };
      /** @description Not a moderator, or it is their own case. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, somebody else is at it, or it can’t be decided so. */
      409: {};
    };
  };
  addReviewNote: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          text: string;
        };
      };
    };
    responses: {
      /** @description The review. */
      201: {
        content: {
          'application/json': components['schemas']['DecidedReview'];
        };
      };
      /** @description Not a moderator, or it is their own case. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, somebody else is at it, or it can’t be decided so. */
      409: {};
    };
  };
  inspectAgain: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description What the gate says now. */
      200: {
        content: {
          'application/json': components['schemas']['Reinspection'];
        };
      };
      /** @description Not a moderator, or it is their own case. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, somebody else is at it, or it can’t be decided so. */
      409: {};
      /** @description The archive, or what it is judged by, is not to be had now. */
      503: {};
    };
  };
  listReasons: {
    parameters: {};

    responses: {
      /** @description In the order in which they are offered. */
      200: {
        content: {
          'application/json': {
            reasons: {
              code: string;
              verdicts: (
                | 'accepted'
                | 'refused'
                | 'granted'
                | 'denied'
                | 'approved'
                | 'declined'
                | 'withdrawn'
                | 'restored'
                | 'quarantined'
                | 'dismissed'
                | 'superseded'
              )[];
              text: string;
            }[];
          };
        };
      };
    };
  };
  changeTrustLevel: {
    parameters: {
      path: {
        appId: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          trustLevel: 'experimental' | 'approved' | 'official';
          /** @description Why; kept with the change. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The app as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['App'];
        };
      };
      /** @description Not a moderator, or one who owns the app (`OWN_CASE`). */
      403: {};
    };
  };
  suspendApp: {
    parameters: {
      path: {
        appId: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why; kept with the change. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The app as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['App'];
        };
      };
      /** @description Not a moderator. */
      403: {};
      /** @description No such app. */
      404: {};
    };
  };
  reinstateApp: {
    parameters: {
      path: {
        appId: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why; kept with the change. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The app as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['App'];
        };
      };
      /** @description Not a moderator, or an owner of the app. */
      403: {};
      /** @description No such app. */
      404: {};
    };
  };
  listAppEvents: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };

      path: {
        appId: string;
      };
    };

    responses: {
      /** @description The events, and where the list goes on. */
      200: {
        content: {
          'application/json': {
            events: components['schemas']['AppEvent'][];
            next: string | null;
          };
        };
      };
      /** @description Not an owner. */
      403: {};
    };
  };
  listOwners: {
    parameters: {
      path: {
        appId: string;
      };
    };

    responses: {
      /** @description Account names. */
      200: {
        content: {
          'application/json': {
            owners: string[];
          };
        };
      };
    };
  };
  addOwner: {
    parameters: {
      path: {
        appId: string;
        account: string;
      };
    };

    responses: {
      /** @description The owners as they are now. */
      200: {
        content: {
          'application/json': {
            owners: string[];
          };
        };
      };
      /** @description No such account. */
      404: {};
      /** @description The account is a moderator or an administrator (`INVITATION_REQUIRED`). */
      409: {};
    };
  };
  removeOwner: {
    parameters: {
      path: {
        appId: string;
        account: string;
      };
    };

    responses: {
      /** @description The owners as they are now. */
      200: {
        content: {
          'application/json': {
            owners: string[];
          };
        };
      };
      /** @description The last owner stays. */
      409: {};
    };
  };
  changeReleaseStatus: {
    parameters: {
      path: {
        appId: string;
        version: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          status: 'published' | 'withdrawn' | 'quarantined';
          /** @description Why; kept with the change. */
          reason: string;
          /**
           * @description One of the canned reasons, for programs.
           * @default null
           */
          reasonCode?: string | null;
        };
      };
    };
    responses: {
      /** @description The release as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['Release'];
        };
      };
      /** @description No such release. */
      404: {};
      /** @description It may not come back; `VERDICT_UNFIT` where its archive is missing or changed in the storage. */
      409: {};
      /** @description The storage can’t be read now: whether it may come back is not known. */
      503: {};
    };
  };
  listTokens: {
    parameters: {};

    responses: {
      /** @description The newest first; never a secret. */
      200: {
        content: {
          'application/json': {
            tokens: components['schemas']['Token'][];
          };
        };
      };
    };
  };
  createToken: {
    parameters: {};
    requestBody: {
      content: {
        'application/json': {
          scopes: ('upload' | 'manage' | 'moderate' | 'operate')[];
          /**
           * @description The apps it is good for; null for every app of the account.
           * @default null
           */
          appIds?: string[] | null;
          /** @default  */
          label?: string;
          /** @default null */
          expiresAt?: string | null;
          /**
           * @description For operators: whom it speaks for.
           * @default null
           */
          account?: string | null;
        };
      };
    };
    responses: {
      /** @description The token, shown this once. */
      201: {
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            token: string;
            account: string;
          };
        };
      };
    };
  };
  revokeToken: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description It counts for nothing from now on. */
      204: {};
      /** @description No such token of yours. */
      404: {};
    };
  };
  readOwnAccount: {
    parameters: {};

    responses: {
      /** @description Your account. */
      200: {
        content: {
          'application/json': components['schemas']['OwnAccount'];
        };
      };
    };
  };
  listInvitations: {
    parameters: {};

    responses: {
      /** @description The newest 200, the newest first, open or not. */
      200: {
        content: {
          'application/json': {
            invitations: components['schemas']['Invitation'][];
          };
        };
      };
    };
  };
  invite: {
    parameters: {};
    requestBody: {
      content: {
        'application/json':
          | {
              /** @constant */
              kind: 'account';
              /**
               * @description The name it will have; null: whoever accepts chooses, or has an account.
               * @default null
               */
              name?: string | null;
              /**
               * @default developer
               * @enum {string}
               */
              role?: 'developer' | 'moderator' | 'administrator';
              /**
               * @description Where the link is sent, if the store sends mail; otherwise it is in the answer.
               * @default null
               */
              email?: string | null;
            }
          | {
              /** @constant */
              kind: 'co-owner';
              appId: string;
              /**
               * @description The account that alone may accept; null: whoever has the link.
               * @default null
               */
              account?: string | null;
              /**
               * @description Where the link is sent, if the store sends mail; otherwise it is in the answer.
               * @default null
               */
              email?: string | null;
            }
          | {
              /** @constant */
              kind: 'transfer';
              appId: string;
              /**
               * @description The account that alone may accept; null: whoever has the link.
               * @default null
               */
              account?: string | null;
              /**
               * @description Where the link is sent, if the store sends mail; otherwise it is in the answer.
               * @default null
               */
              email?: string | null;
            };
      };
    };
    responses: {
      /** @description The invitation, and its link, shown this once; null where it went out by mail. */
      201: {
        content: {
          'application/json': {
            invitation: components['schemas']['Invitation'];
            link: string | null;
          };
        };
      };
      /** @description Not yours to give. */
      403: {};
      /** @description No such app, or no such account. */
      404: {};
      /** @description There is an account of that name already. */
      409: {};
      /** @description Too many invitations in a day. */
      429: {};
    };
  };
  revokeInvitation: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description Its link works no more. */
      204: {};
      /** @description No such invitation of yours. */
      404: {};
      /** @description It was accepted, declined or revoked already. */
      410: {};
    };
  };
  acceptInvitation: {
    parameters: {
      header?: {
        /** @description A bearer token, to accept as the account it speaks for. */
        Authorization?: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The last part of the link. */
          secret: string;
          /** @description For whoever has no account yet. */
          newAccount?: {
            name: string;
            password: string;
          };
          /** @description For a link to a new password, and no other. */
          newPassword?: string;
        };
      };
    };
    responses: {
      /** @description The invitation as it is now, and the account that accepted it. */
      200: {
        content: {
          'application/json': {
            invitation: components['schemas']['Invitation'];
            account: string;
          };
        };
      };
      /** @description It is for another account, or the token may not accept it. */
      403: {};
      /** @description There is an account of that name already. */
      409: {};
      /** @description The link is unknown, used, revoked or expired. */
      410: {};
      /** @description The password is refused. */
      422: {};
    };
  };
  listAccounts: {
    parameters: {
      query?: {
        /** @description A part of the name or the address. */
        q?: string;
        role?: 'developer' | 'moderator' | 'administrator';
        suspended?: 'true' | 'false';
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };
    };

    responses: {
      /** @description Accounts, and where the list goes on. */
      200: {
        content: {
          'application/json': {
            accounts: components['schemas']['Account'][];
            next: string | null;
          };
        };
      };
      /** @description Not a moderator. */
      403: {};
    };
  };
  readAccount: {
    parameters: {
      path: {
        name: string;
      };
    };

    responses: {
      /** @description The account. */
      200: {
        content: {
          'application/json': components['schemas']['AccountDetail'];
        };
      };
      /** @description Somebody else's, whether or not there is one of that name. */
      403: {};
      /** @description No such account. */
      404: {};
    };
  };
  changeRole: {
    parameters: {
      path: {
        name: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          role: 'developer' | 'moderator' | 'administrator';
          /** @description Why; kept with the change. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The account as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['Account'];
        };
      };
      /** @description Not an administrator. */
      403: {};
      /** @description No such account. */
      404: {};
      /** @description The last administrator who is not suspended stays one. */
      409: {};
    };
  };
  changeEmail: {
    parameters: {
      path: {
        name: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          email: string | null;
          /**
           * @description Of the account, where it is one’s own and has one.
           * @default null
           */
          password?: string | null;
        };
      };
    };
    responses: {
      /** @description The account as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['Account'];
        };
      };
      /** @description Not signed in, or one’s own password is wrong or missing (`SIGN_IN_FAILED`). */
      401: {};
      /** @description Somebody else's account, or a limited token. */
      403: {};
      /** @description No such account. */
      404: {};
      /** @description More than five changes of one’s own address in a day, or too many wrong passwords. */
      429: {};
    };
  };
  suspendAccount: {
    parameters: {
      path: {
        name: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why; kept with the change. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The account as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['Account'];
        };
      };
      /** @description Not a moderator, an account of more than a developer, or your own. */
      403: {};
      /** @description No such account. */
      404: {};
      /** @description The last administrator who is not suspended stays so. */
      409: {};
    };
  };
  reinstateAccount: {
    parameters: {
      path: {
        name: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why; kept with the change. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The account as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['Account'];
        };
      };
      /** @description Not a moderator, an account of more than a developer, or your own. */
      403: {};
      /** @description No such account. */
      404: {};
    };
  };
  listApps: {
    parameters: {
      query?: {
        /** @description Words to look for in id, name, summary, description and categories, in every language. All must be there; `or`, `-` and quotation marks are understood, and the last word may be unfinished. */
        q?: string;
        trustLevel?: 'experimental' | 'approved' | 'official';
        /** @description In whatever case. */
        category?: string;
        /** @description An ownCloud version, and all that begin with it: apps with a release that stands and is for one of them. */
        platform?: string;
        /** @description Whether the release is that the app is shown by. */
        signed?: 'true' | 'false';
        /** @description Of the release that the app is shown by. */
        status?: 'published' | 'withdrawn' | 'quarantined';
        /** @description Apps that changed then or later, or a release of which did. */
        changedSince?: string;
        /** @description `published`, `downloads` and `changed` begin with the most of it. `relevance` needs `q`, and has at most the 1000 matches with the most downloads. */
        sort?: 'id' | 'name' | 'published' | 'downloads' | 'changed' | 'relevance';
        /** @description Names and summaries are in this language where an app has them. */
        lang?: string;
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description A page of apps. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            apps: components['schemas']['AppListItem'][];
            next: string | null;
          };
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
      /** @description Many search at this moment, or this search takes too long; try again later. */
      503: {};
    };
  };
  readApp: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        appId: string;
      };
    };

    responses: {
      /** @description With its last hundred releases; the one published last comes first. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AppDetail'];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such app. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  readRelease: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        appId: string;
        version: string;
      };
    };

    responses: {
      /** @description The release. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReleaseDetail'];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such release. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  compareReleases: {
    parameters: {
      query: {
        from: string;
        to: string;
      };
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        appId: string;
      };
    };

    responses: {
      /** @description Paths of files added, changed and removed. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            from: string;
            to: string;
            added: string[];
            changed: string[];
            removed: string[];
          };
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such release. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
      /** @description Too many long lists of files are under way: try again in a moment. */
      503: {};
    };
  };
  readReleaseStatuses: {
    parameters: {};
    requestBody: {
      content: {
        'application/json': {
          releases: {
            app: string;
            version: string;
          }[];
        };
      };
    };
    responses: {
      /** @description In the order asked; `unknown` for a pair that is no release. */
      200: {
        content: {
          'application/json': {
            releases: {
              app: string;
              version: string;
              /** @enum {string} */
              status: 'published' | 'withdrawn' | 'quarantined' | 'unknown';
              reason: string | null;
              /** @description One of the canned reasons, for programs. */
              reasonCode: string | null;
              statusChangedAt: string | null;
              /** @description Since when the certificate that it was signed with is revoked; null where it is not. */
              signerRevoked: {
                serial: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 */
                revokedAt: string;
                /** @enum {string} */
                reason:
                  | 'unspecified'
                  | 'keyCompromise'
                  | 'affiliationChanged'
                  | 'superseded'
                  | 'cessationOfOperation'
                  | 'privilegeWithdrawn';
                /** @description Since when the key is thought to have been in wrong hands. */
                invalidityDate: string | null;
              } | null;
            }[];
          };
        };
      };
    };
  };
  listChanges: {
    parameters: {
      query?: {
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
        /** @description So many seconds the answer waits for a change where there is none. Where too many wait already, it comes at once, and says when to ask again. */
        wait?: number;
      };
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description Changes, or none. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          /** @description Where too many wait already and there is no change: ask again after so many seconds. */
          'Retry-After'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            changes: (
              | {
                  /** @constant */
                  type: 'app';
                  app: components['schemas']['AppListItem'];
                }
              | {
                  /** @constant */
                  type: 'release';
                  release: components['schemas']['ReleaseSummary'];
                }
            )[];
            /** @description The `after` of the next question, also where nothing changed. */
            next: string;
            /** @description Whether there is more already. */
            more: boolean;
          };
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The store was set back to before this place: throw the copy away and begin anew. */
      410: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  downloadArchive: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
        /** @description One range of bytes (RFC 9110 §14.2). */
        Range?: string;
        /** @description The `ETag` of which one has a part: where it is another now, the whole comes (RFC 9110 §13.1.5). */
        'If-Range'?: string;
      };
      path: {
        appId: string;
        version: string;
      };
    };

    responses: {
      /** @description The zip, byte for byte as it was uploaded. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description SHA-256 of the whole archive (RFC 9530 §3). */
          'Repr-Digest'?: string;
          /** @description The name of the file. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description SHA-256 of the archive (RFC 9530 §2). */
          'Content-Digest'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/zip': unknown;
        };
      };
      /** @description The part that was asked for. */
      206: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description SHA-256 of the whole archive (RFC 9530 §3). */
          'Repr-Digest'?: string;
          /** @description The name of the file. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description Which part it is. */
          'Content-Range'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/zip': unknown;
        };
      };
      /** @description The storage hands it out itself, for a minute, at another address. */
      302: {
        headers: {
          /** @description That address. */
          Location?: string;
          [name: string]: unknown;
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such release. */
      404: {};
      /** @description The release was withdrawn or quarantined. */
      410: {
        content: {
          'application/problem+json':
            | (components['schemas']['Problem'] & {
                /** @description Why, for people. */
                reason: string | null;
                /** @description One of the canned reasons, for programs. */
                reasonCode: string | null;
                /** @enum {string} */
                releaseStatus: 'withdrawn' | 'quarantined';
                /** @description Since when. */
                changedAt: string | null;
              })
            | components['schemas']['Problem'];
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
      /** @description No such part. */
      416: {
        headers: {
          /** @description How long the archive is. */
          'Content-Range'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The archive, or the storage, is not to be had now. */
      503: {
        headers: {
          /** @description In how many seconds to try again. */
          'Retry-After'?: string;
          [name: string]: unknown;
        };
      };
    };
  };
  downloadNamedArchive: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
        /** @description One range of bytes (RFC 9110 §14.2). */
        Range?: string;
        /** @description The `ETag` of which one has a part: where it is another now, the whole comes (RFC 9110 §13.1.5). */
        'If-Range'?: string;
      };
      path: {
        appId: string;
        version: string;
        /** @description `{appId}-{version}.zip` */
        fileName: string;
      };
    };

    responses: {
      /** @description The zip, byte for byte as it was uploaded. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description SHA-256 of the whole archive (RFC 9530 §3). */
          'Repr-Digest'?: string;
          /** @description The name of the file. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description SHA-256 of the archive (RFC 9530 §2). */
          'Content-Digest'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/zip': unknown;
        };
      };
      /** @description The part that was asked for. */
      206: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description SHA-256 of the whole archive (RFC 9530 §3). */
          'Repr-Digest'?: string;
          /** @description The name of the file. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description Which part it is. */
          'Content-Range'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/zip': unknown;
        };
      };
      /** @description The storage hands it out itself, for a minute, at another address. */
      302: {
        headers: {
          /** @description That address. */
          Location?: string;
          [name: string]: unknown;
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such release. */
      404: {};
      /** @description The release was withdrawn or quarantined. */
      410: {
        content: {
          'application/problem+json':
            | (components['schemas']['Problem'] & {
                /** @description Why, for people. */
                reason: string | null;
                /** @description One of the canned reasons, for programs. */
                reasonCode: string | null;
                /** @enum {string} */
                releaseStatus: 'withdrawn' | 'quarantined';
                /** @description Since when. */
                changedAt: string | null;
              })
            | components['schemas']['Problem'];
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
      /** @description No such part. */
      416: {
        headers: {
          /** @description How long the archive is. */
          'Content-Range'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The archive, or the storage, is not to be had now. */
      503: {
        headers: {
          /** @description In how many seconds to try again. */
          'Retry-After'?: string;
          [name: string]: unknown;
        };
      };
    };
  };
  readManifest: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        appId: string;
        version: string;
      };
    };

    responses: {
      /** @description By path, relative to the app’s folder. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            appId: string;
            version: string;
            files: {
              [key: string]: {
                bytes: number;
                sha512: string;
              };
            };
          };
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such release. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
      /** @description Too many long lists of files are under way: try again in a moment. */
      503: {};
    };
  };
  readScreenshot: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        /** @description The SHA-256 of the bytes, in lower-case hex. */
        sha256: string;
      };
    };

    responses: {
      /** @description The image. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
        content: {
          'image/webp': unknown;
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No release that stands shows such an image, or it was lost and is made anew. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
      /** @description The storage is not to be had now. */
      503: {};
    };
  };
  listSigningRequestsOfApp: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };

      path: {
        appId: string;
      };
    };

    responses: {
      /** @description All of them for the owners of the app and moderators; your own otherwise. */
      200: {
        content: {
          'application/json': {
            signingRequests: components['schemas']['SigningRequestSummary'][];
            next: string | null;
          };
        };
      };
    };
  };
  requestCertificate: {
    parameters: {
      path: {
        appId: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description PKCS #10 in PEM, as `openssl req -nodes -newkey rsa:3072 -keyout ID.key -out ID.csr -subj "/CN=ID"` makes it. */
          csr: string;
          /**
           * @description `new` where the app has no certificate that counts, otherwise `renewal`, where it is not said.
           * @enum {string}
           */
          purpose?: 'new' | 'renewal' | 'lost' | 'additional';
          /** @description With the purpose `lost`: which certificates are lost; all that count when it is granted where it is not said. */
          lost?: string[];
          /**
           * Format: date-time
           * @description With the purpose `lost`: since when the lost ones are thought to have been in wrong hands.
           */
          compromisedSince?: string;
          /** @description https URL of the source repository or the website of the app. */
          declaredUrl?: string;
          /**
           * Format: email
           * @description Is written to before the certificate ends.
           */
          contact?: string;
          /**
           * @description What moderators should know.
           * @default
           */
          note?: string;
        };
      };
    };
    responses: {
      /** @description The same request is open already. */
      200: {
        content: {
          'application/json': components['schemas']['SigningRequest'];
        };
      };
      /** @description The request. */
      201: {
        content: {
          'application/json': components['schemas']['SigningRequest'];
        };
      };
      /** @description The app belongs to somebody else, or its id is reserved. */
      403: {};
      /** @description The store has no authority of its own. */
      404: {};
      /** @description With this key something else is asked for already; `request` is its id. */
      409: {
        content: {
          'application/problem+json':
            | (components['schemas']['Problem'] & {
                /** Format: uuid */
                request: string;
              })
            | components['schemas']['Problem'];
        };
      };
      /** @description The signing request or its key is refused; `errors` has every fault. */
      422: {
        content: {
          'application/problem+json':
            | (components['schemas']['Problem'] & {
                errors: {
                  kind: string;
                  message: string;
                }[];
              })
            | components['schemas']['Problem'];
        };
      };
      /** @description Too many requests wait, for the app or of the account, or too many of the account were refused. */
      429: {};
    };
  };
  listSigningRequests: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
        /** @description `open`: those that are not decided. */
        state?: 'open' | 'pending' | 'questioned' | 'approved' | 'declined' | 'withdrawn';
      };
    };

    responses: {
      /** @description For moderators. */
      200: {
        content: {
          'application/json': {
            signingRequests: components['schemas']['SigningRequestSummary'][];
            next: string | null;
          };
        };
      };
      /** @description Not a moderator. */
      403: {};
    };
  };
  readSigningRequest: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description For whoever made it, the owners of the app, and moderators. */
      200: {
        content: {
          'application/json': components['schemas']['SigningRequest'];
        };
      };
      /** @description Not there, or none of your business. */
      404: {};
    };
  };
  approveSigningRequest: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why; the applicant reads it. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The certificate. */
      200: {
        content: {
          'application/json': components['schemas']['Approval'];
        };
      };
      /** @description Not a moderator, or one whose own request or app it is (`OWN_CASE`). */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description It is decided already, or the token that asked for it was revoked since. */
      409: {};
      /** @description What passed when it was asked for is refused now, a key that got out say. */
      422: {};
      /** @description The key of the authority is not to be had now. */
      503: {};
    };
  };
  questionSigningRequest: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The question. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The request. */
      200: {
        content: {
          'application/json': components['schemas']['SigningRequestSummary'];
        };
      };
      /** @description Not a moderator, or one whose own request or app it is (`OWN_CASE`). */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description It is decided already. */
      409: {};
    };
  };
  answerSigningRequest: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          text: string;
        };
      };
    };
    responses: {
      /** @description The request. */
      200: {
        content: {
          'application/json': components['schemas']['SigningRequestSummary'];
        };
      };
      /** @description Not a request of yours, or the token does not carry the scope. */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description It is decided already. */
      409: {};
    };
  };
  declineSigningRequest: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why; the applicant reads it. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The request. */
      200: {
        content: {
          'application/json': components['schemas']['SigningRequestSummary'];
        };
      };
      /** @description Not a moderator, or one whose own request or app it is (`OWN_CASE`). */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description It is decided already. */
      409: {};
    };
  };
  withdrawSigningRequest: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description The request. */
      200: {
        content: {
          'application/json': components['schemas']['SigningRequestSummary'];
        };
      };
      /** @description Not a request of yours, or the token does not carry the scope. */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description It is decided already. */
      409: {};
    };
  };
  createControlChallenge: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody?: {
      content: {
        'application/json': {
          /** @description Where it is not said: that of the request, or else the repository or website that the published releases declare. */
          declaredUrl?: string;
        };
      };
    };
    responses: {
      /** @description The value. */
      201: {
        content: {
          'application/json': components['schemas']['ControlChallenge'];
        };
      };
      /** @description Not a request of yours, or the token does not carry the scope. */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description It is decided already. */
      409: {};
    };
  };
  checkControlChallenge: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description What was found. */
      200: {
        content: {
          'application/json': components['schemas']['ControlChallenge'];
        };
      };
      /** @description Not a request of yours, or the token does not carry the scope. */
      403: {};
      /** @description Not there, or none of your business. */
      404: {};
      /** @description The value has expired, or the request is decided already. */
      409: {};
      /** @description It was looked for a moment ago, or others are looked for at this moment. */
      429: {};
    };
  };
  listCertificates: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
        /** @description Only those of this app. */
        app?: string;
        /** @description Only those that stand so now. */
        status?: 'intended' | 'valid' | 'expired' | 'revoked';
      };
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description The certificates, and where the list goes on. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            certificates: components['schemas']['CertificateEntry'][];
            next: string | null;
          };
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The store has no authority of its own. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  readCertificate: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        /** @description As openssl prints it: hex in upper or lower case, with or without colons. */
        serial: string;
      };
    };

    responses: {
      /** @description The certificate. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LedgerCertificate'];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description No such certificate, or the store has no authority of its own. */
      404: {};
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  previewRevocation: {
    parameters: {
      query?: {
        /** @description As RFC 5280 §5.3.1 names it. */
        reason?:
          | 'unspecified'
          | 'keyCompromise'
          | 'affiliationChanged'
          | 'superseded'
          | 'cessationOfOperation'
          | 'privilegeWithdrawn';
        invalidityDate?: string | null;
        fingerprint?: string | null;
      };

      path: {
        /** @description As openssl prints it: hex in upper or lower case, with or without colons. */
        serial: string;
      };
    };

    responses: {
      /** @description What would be done. */
      200: {
        content: {
          'application/json': components['schemas']['RevocationEffect'];
        };
      };
      /** @description Neither a moderator nor an owner of the app, or the token does not carry `manage`. */
      403: {};
      /** @description No certificate with this serial in the ledger, or the one there does not have this fingerprint. */
      404: {};
    };
  };
  revokeCertificate: {
    parameters: {
      path: {
        /** @description As openssl prints it: hex in upper or lower case, with or without colons. */
        serial: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description As RFC 5280 §5.3.1 names it.
           * @enum {string}
           */
          reason:
            | 'unspecified'
            | 'keyCompromise'
            | 'affiliationChanged'
            | 'superseded'
            | 'cessationOfOperation'
            | 'privilegeWithdrawn';
          invalidityDate?: string | null;
          /**
           * @description Why, in words; for the owners of the app and the store, and not public.
           * @default
           */
          note?: string;
          fingerprint?: string | null;
        };
      };
    };
    responses: {
      /** @description What was done. */
      200: {
        content: {
          'application/json': {
            certificate: components['schemas']['CertificateEntry'];
            /** @description Others over the same key, of whatever app: one that is compromised is so in all of them. Those that were revoked so before are not repeated. */
            alsoRevoked: components['schemas']['CertificateEntry'][];
            /** @description Releases that are no longer served. */
            quarantined: {
              appId: string;
              version: string;
              /** @enum {string} */
              status: 'published' | 'withdrawn' | 'quarantined';
              /**
               * Format: date-time
               * @description ISO 8601, UTC
               */
              publishedAt: string;
            }[];
            /** @description Releases that stay as they are, and are marked. */
            kept: {
              appId: string;
              version: string;
              /** @enum {string} */
              status: 'published' | 'withdrawn' | 'quarantined';
              /**
               * Format: date-time
               * @description ISO 8601, UTC
               */
              publishedAt: string;
            }[];
            /** @description The other certificates of the app that count; none where it can sign nothing new. */
            remaining: components['schemas']['CertificateEntry'][];
            /**
             * @description `pending`: it is in force, and the revocation list will say so as soon as it can be signed.
             * @enum {string}
             */
            list: 'signed' | 'pending';
          };
        };
      };
      /** @description Neither a moderator nor an owner of the app, or the token does not carry `manage`. */
      403: {};
      /** @description No certificate with this serial in the ledger, or the one there does not have this fingerprint. */
      404: {};
    };
  };
  revokeByKeyHolder: {
    parameters: {};
    requestBody: {
      content: {
        'application/json': {
          /** @description A CMS SignedData in PEM. */
          cms: string;
        };
      };
    };
    responses: {
      /** @description It is revoked; also where it was before. */
      200: {
        content: {
          'application/json': {
            certificate: components['schemas']['CertificateEntry'];
            /** @description Others over the same key, of whatever app: one that is compromised is so in all of them. Those that were revoked so before are not repeated. */
            alsoRevoked: components['schemas']['CertificateEntry'][];
          };
        };
      };
      /** @description The store has no authority of its own. */
      404: {};
      /** @description The message proves nothing; the problem says why. */
      422: {};
    };
  };
  listReviews: {
    parameters: {
      query?: {
        /** @description Every kind where it is not given: some of held, appeal, signing-request, quarantine, report, with commas between them. */
        kind?: string;
        /** @description All but closed where it is not given: some of waiting, questioned, proposed, closed, with commas between them. */
        state?: string;
        /** @description The id of an app. */
        app?: string;
        /** @description A part of the app id, the version, the uploader’s name, the category, or an id. */
        q?: string;
        /** @description `mine`: those that you are at. `free`: those that nobody is at. */
        claimed?: 'mine' | 'free';
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };
    };

    responses: {
      /** @description A page of the queue. */
      200: {
        content: {
          'application/json': {
            reviews: components['schemas']['ReviewSummary'][];
            next: string | null;
          };
        };
      };
      /** @description Not a moderator. */
      403: {};
    };
  };
  countReviews: {
    parameters: {};

    responses: {
      /** @description For moderators. */
      200: {
        content: {
          'application/json': components['schemas']['ReviewCounts'];
        };
      };
      /** @description Not a moderator. */
      403: {};
    };
  };
  readReview: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description For moderators. */
      200: {
        content: {
          'application/json': components['schemas']['ReviewDetail'];
        };
      };
      /** @description Not a moderator. */
      403: {};
      /** @description There is no such review. */
      404: {};
    };
  };
  readReviewDifference: {
    parameters: {
      query?: {
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
        /** @description This file only, with more of its text. */
        path?: string;
      };

      path: {
        id: string;
      };
    };

    responses: {
      /** @description For moderators. */
      200: {
        content: {
          'application/json': components['schemas']['Difference'];
        };
      };
      /** @description Not a moderator. */
      403: {};
      /** @description There is no such review, or it is about no archive. */
      404: {};
      /** @description The caller looks into too many archives at a time. */
      429: {};
      /** @description The storage doesn’t have what was uploaded. */
      503: {};
    };
  };
  readReviewFile: {
    parameters: {
      query?: {
        /** @description `after`: what the review is about. `before`: the release it is compared with. */
        side?: 'after' | 'before';
      };

      path: {
        id: string;
        /** @description As it stands in the difference, percent-encoded. */
        path: string;
      };
    };

    responses: {
      /** @description For moderators. */
      200: {
        content: {
          'text/plain': unknown;
        };
      };
      /** @description Not a moderator. */
      403: {};
      /** @description There is no such review, or no such file in it. */
      404: {};
      /** @description The caller looks into too many archives at a time. */
      429: {};
      /** @description The storage doesn’t have what was uploaded. */
      503: {};
    };
  };
  claimReview: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody?: {
      content: {
        'application/json': {
          /**
           * @description Takes it from another moderator; for administrators.
           * @default false
           */
          takeOver?: boolean;
        };
      };
    };
    responses: {
      /** @description It is yours. */
      200: {
        content: {
          'application/json': components['schemas']['Review'];
        };
      };
      /** @description Not a moderator. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, or another moderator is at it. */
      409: {};
    };
  };
  letGoOfReview: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description Nobody is at it. */
      200: {
        content: {
          'application/json': components['schemas']['Review'];
        };
      };
      /** @description Not a moderator. */
      403: {};
      /** @description There is no such review. */
      404: {};
      /** @description It is closed, or another moderator is at it. */
      409: {};
    };
  };
  reportTrouble: {
    parameters: {
      path: {
        appId: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Of the release.
           * @default null
           */
          version?: string | null;
          /** @enum {string} */
          category: 'malware' | 'security' | 'privacy' | 'copyright' | 'broken' | 'other';
          text: string;
          /**
           * @description A mail address for questions. Moderators see it, and nobody else.
           * @default null
           */
          contact?: string | null;
        };
      };
    };
    responses: {
      /** @description Moderators will look at it. */
      201: {
        content: {
          'application/json': {
            /**
             * Format: uuid
             * @description Names the report, where somebody asks about it.
             */
            id: string;
          };
        };
      };
      /** @description There is no such app or release. */
      404: {};
      /** @description Too many reports, from this address or about this app. */
      429: {};
    };
  };
  readAuthorityCertificate: {
    parameters: {
      header?: {
        /** @description The `ETag` that one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
      };
      path: {
        /** @description `intermediate`, or the name of a key. */
        name: string;
      };
    };

    responses: {
      /** @description The certificate. */
      200: {
        content: {
          'application/x-pem-file': unknown;
        };
      };
      /** @description One has it already. */
      304: {};
      /** @description No authority, or none of this name. */
      404: {};
    };
  };
  readRevocationList: {
    parameters: {
      header?: {
        /** @description The `ETag` that one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
      };
      path: {
        /** @description `root`, `developers`, and for further keys `developers-2` and so on. */
        name: string;
      };
    };

    responses: {
      /** @description The newest list of the key. */
      200: {
        content: {
          'application/pkix-crl': unknown;
        };
      };
      /** @description One has it already. */
      304: {};
      /** @description No authority, or none of this name. */
      404: {};
    };
  };
  readRevocationListAsPem: {
    parameters: {
      header?: {
        /** @description The `ETag` that one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
      };
      path: {
        /** @description `root`, `developers`, and for further keys `developers-2` and so on. */
        name: string;
      };
    };

    responses: {
      /** @description The newest list of the key. */
      200: {
        content: {
          'application/x-pem-file': unknown;
        };
      };
      /** @description One has it already. */
      304: {};
      /** @description No authority, or none of this name. */
      404: {};
    };
  };
  askOcsp: {
    parameters: {};
    requestBody: {
      content: {
        'application/ocsp-request': unknown;
      };
    };
    responses: {
      /** @description An OCSPResponse in DER; what is wrong with the request stands in it too, as `responseStatus`. */
      200: {
        content: {
          'application/ocsp-response': unknown;
        };
      };
      /** @description Larger than any request is. */
      413: {};
      /** @description Not application/ocsp-request. */
      415: {};
    };
  };
  askOcspByGet: {
    parameters: {
      path: {
        /** @description An OCSPRequest: its DER in base64, percent-encoded or not. */
        request: string;
      };
    };

    responses: {
      /** @description An OCSPResponse in DER; what is wrong with the request stands in it too, as `responseStatus`. */
      200: {
        content: {
          'application/ocsp-response': unknown;
        };
      };
      /** @description Not changed since. */
      304: {};
    };
  };
  readAudit: {
    parameters: {
      query?: {
        app?: string;
        kind?: string;
        /** @description The name of an account, or `(public)`. */
        actor?: string;
        /** @description `TYPE:ID`: `release:calendar@1.0.0`, say. */
        subject?: string;
        since?: string;
        /** @description Before this time. */
        until?: string;
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };
    };

    responses: {
      /** @description For moderators. */
      200: {
        content: {
          'application/json': {
            entries: components['schemas']['AuditEntry'][];
            next: string | null;
          };
        };
      };
      /** @description Not a moderator. */
      403: {};
    };
  };
  exportAudit: {
    parameters: {};

    responses: {
      /** @description As it stands at this moment. For moderators. */
      200: {
        content: {
          'application/x-ndjson': unknown;
        };
      };
      /** @description Not a moderator. */
      403: {};
    };
  };
  readAuditHead: {
    parameters: {};

    responses: {
      /** @description The position of the last entry, 0 where there is none, and its hash. */
      200: {
        content: {
          'application/json': {
            position: number;
            /** @description SHA-256, lower-case hex. */
            hash: string;
          };
        };
      };
    };
  };
  checkReceipt: {
    parameters: {
      path: {
        /** @description SHA-256, lower-case hex. */
        hash: string;
      };
    };

    responses: {
      /** @description `kind` and `subject` are null for an entry that no receipts are given for. */
      200: {
        content: {
          'application/json': {
            /** @description Counts the entries from 1 on, without a gap. */
            position: number;
            /** @description SHA-256, lower-case hex. */
            hash: string;
            /** Format: date-time */
            at: string;
            kind: string | null;
            subject: {
              /** @enum {string} */
              type:
                | 'store'
                | 'account'
                | 'token'
                | 'invitation'
                | 'app'
                | 'submission'
                | 'release'
                | 'review'
                | 'override'
                | 'rule'
                | 'signing-request'
                | 'certificate'
                | 'webhook';
              id: string;
            } | null;
          };
        };
      };
      /** @description No entry has this hash. */
      404: {};
    };
  };
  listRules: {
    parameters: {};

    responses: {
      /** @description As it is at this moment. */
      200: {
        content: {
          'application/json': {
            rules: components['schemas']['Rule'][];
          };
        };
      };
    };
  };
  changeRule: {
    parameters: {
      path: {
        code: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          mode: ('off' | 'shadow' | 'hold' | 'refuse') | null;
          /** @description Why; kept with the change. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description The rule as it is now. */
      200: {
        content: {
          'application/json': components['schemas']['Rule'];
        };
      };
      /** @description Not an administrator. */
      403: {};
      /** @description No such code. */
      404: {};
      /** @description Its weight is the same in every store. */
      409: {};
    };
  };
  readStatistics: {
    parameters: {
      query?: {
        days?: number;
      };
    };

    responses: {
      /** @description For moderators. */
      200: {
        content: {
          'application/json': components['schemas']['Statistics'];
        };
      };
      /** @description Not a moderator. */
      403: {};
    };
  };
  readLimits: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description Sizes in bytes, times in milliseconds. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            archiveBytes: number;
            inflatedBytes: number;
            fileBytes: number;
            entries: number;
            ratio: number;
            pathBytes: number;
            pathDepth: number;
            infoXmlBytes: number;
            signatureFileBytes: number;
            inspectionMs: number;
          };
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  isAlive: {
    parameters: {};

    responses: {
      /** @description It does. */
      200: {
        content: {
          'application/json': {
            /** @constant */
            status: 'ok';
          };
        };
      };
    };
  };
  isReady: {
    parameters: {};

    responses: {
      /** @description They can. */
      200: {
        content: {
          'application/json': {
            ready: boolean;
            checks: {
              [key: string]: string;
            };
          };
        };
      };
      /** @description Something is missing; the checks say what. */
      503: {
        content: {
          'application/json': {
            ready: boolean;
            checks: {
              [key: string]: string;
            };
          };
        };
      };
    };
  };
  readMetrics: {
    parameters: {};

    responses: {
      /** @description In the text format 0.0.4. At most five seconds old. */
      200: {
        content: {
          'text/plain': unknown;
        };
      };
    };
  };
  followSubmission: {
    parameters: {
      header?: {
        /** @description The `id` of the last event that you have. */
        'last-event-id'?: string;
      };
      path: {
        id: string;
      };
    };

    responses: {
      /** @description Goes on until you leave. */
      200: {
        content: {
          'text/event-stream': string;
        };
      };
      /** @description Not there, or none of your business. */
      404: {};
      /** @description Your account follows ten things already. */
      429: {};
      /** @description Too many follow something; try again later. */
      503: {};
    };
  };
  listWebhooks: {
    parameters: {};

    responses: {
      /** @description The oldest first; never a secret. */
      200: {
        content: {
          'application/json': {
            webhooks: components['schemas']['Webhook'][];
          };
        };
      };
    };
  };
  addWebhook: {
    parameters: {};
    requestBody: {
      content: {
        'application/json': {
          /** @description https, port 443, an address of the public internet. */
          url: string;
          topics: (
            | 'submission.accepted'
            | 'submission.held'
            | 'submission.refused'
            | 'question.asked'
            | 'answer.given'
            | 'review.decided'
            | 'appeal.opened'
            | 'appeal.decided'
            | 'release.published'
            | 'release.withdrawn'
            | 'release.quarantined'
            | 'release.restored'
            | 'certificate.requested'
            | 'certificate.declined'
            | 'certificate.issued'
            | 'certificate.revoked'
            | 'certificate.expiring'
            | 'key.exposed'
            | 'owners.changed'
            | 'app.suspended'
            | 'app.reinstated'
            | 'app.trust-level-changed'
            | 'account.role-changed'
            | 'account.suspended'
            | 'account.reinstated'
            | 'account.password-changed'
            | 'account.second-factor-changed'
            | 'account.recovery-code-used'
            | 'account.identity-changed'
            | 'account.email-changed'
            | 'account.token-created'
            | 'account.webhook-added'
            | 'account.webhook-disabled'
            | 'review.waiting'
            | 'proposal.waiting'
            | 'release.marked'
            | 'release.cleared'
            | 'standing.marked'
            | 'standing.cleared'
          )[];
        };
      };
    };
    responses: {
      /** @description The webhook, and its secret, shown this once. */
      201: {
        content: {
          'application/json': {
            webhook: components['schemas']['Webhook'];
            /** @description Signs what is sent (HMAC-SHA-256, as Standard Webhooks has it). Shown this once. */
            secret: string;
          };
        };
      };
      /** @description Nothing is sent to this address. */
      422: {};
      /** @description Your account has 20 webhooks already. */
      429: {};
    };
  };
  readWebhook: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description Never its secret. */
      200: {
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description No such webhook of yours. */
      404: {};
    };
  };
  changeWebhook: {
    parameters: {
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description https, port 443, an address of the public internet. */
          url: string;
          topics: (
            | 'submission.accepted'
            | 'submission.held'
            | 'submission.refused'
            | 'question.asked'
            | 'answer.given'
            | 'review.decided'
            | 'appeal.opened'
            | 'appeal.decided'
            | 'release.published'
            | 'release.withdrawn'
            | 'release.quarantined'
            | 'release.restored'
            | 'certificate.requested'
            | 'certificate.declined'
            | 'certificate.issued'
            | 'certificate.revoked'
            | 'certificate.expiring'
            | 'key.exposed'
            | 'owners.changed'
            | 'app.suspended'
            | 'app.reinstated'
            | 'app.trust-level-changed'
            | 'account.role-changed'
            | 'account.suspended'
            | 'account.reinstated'
            | 'account.password-changed'
            | 'account.second-factor-changed'
            | 'account.recovery-code-used'
            | 'account.identity-changed'
            | 'account.email-changed'
            | 'account.token-created'
            | 'account.webhook-added'
            | 'account.webhook-disabled'
            | 'review.waiting'
            | 'proposal.waiting'
            | 'release.marked'
            | 'release.cleared'
            | 'standing.marked'
            | 'standing.cleared'
          )[];
          enabled: boolean;
        };
      };
    };
    responses: {
      /** @description As it is now. */
      200: {
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description No such webhook of yours. */
      404: {};
      /** @description Nothing is sent to this address. */
      422: {};
    };
  };
  removeWebhook: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description It is told nothing any more. */
      204: {};
      /** @description No such webhook of yours. */
      404: {};
    };
  };
  rotateWebhookSecret: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description Shown this once. */
      200: {
        content: {
          'application/json': {
            /** @description Signs what is sent (HMAC-SHA-256, as Standard Webhooks has it). Shown this once. */
            secret: string;
          };
        };
      };
      /** @description No such webhook of yours. */
      404: {};
    };
  };
  pingWebhook: {
    parameters: {
      path: {
        id: string;
      };
    };

    responses: {
      /** @description It is sent within seconds; the log of deliveries says what came of it. */
      202: {
        content: {
          'application/json': components['schemas']['WebhookDelivery'];
        };
      };
      /** @description No such webhook of yours. */
      404: {};
      /** @description It is switched off. */
      422: {};
      /** @description Too many pings and replays within an hour. */
      429: {};
    };
  };
  listWebhookDeliveries: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of the page before. */
        after?: string;
      };

      path: {
        id: string;
      };
    };

    responses: {
      /** @description The newest first; of what is settled the last 1,000 are kept. */
      200: {
        content: {
          'application/json': {
            deliveries: components['schemas']['WebhookDelivery'][];
            next: string | null;
          };
        };
      };
      /** @description No such webhook of yours. */
      404: {};
    };
  };
  replayWebhookDelivery: {
    parameters: {
      path: {
        id: string;
        deliveryId: string;
      };
    };

    responses: {
      /** @description It is sent within seconds. */
      202: {
        content: {
          'application/json': components['schemas']['WebhookDelivery'];
        };
      };
      /** @description No such webhook of yours, or no such delivery of it. */
      404: {};
      /** @description The webhook is switched off. */
      422: {};
      /** @description Too many pings and replays within an hour. */
      429: {};
    };
  };
  readNotificationChoices: {
    parameters: {};

    responses: {
      /** @description Topic by topic. */
      200: {
        content: {
          'application/json': components['schemas']['NotificationChoices'];
        };
      };
    };
  };
  changeNotificationChoices: {
    parameters: {};
    requestBody: {
      content: {
        'application/json': {
          /** @description Topic → by mail or not. Those that are not named stay as they are. */
          topics: {
            [key: string]: boolean;
          };
        };
      };
    };
    responses: {
      /** @description As it is now. */
      200: {
        content: {
          'application/json': components['schemas']['NotificationChoices'];
        };
      };
    };
  };
  readReleaseFeed: {
    parameters: {
      query?: {
        /** @description Of this app only. */
        app?: string;
      };
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description The newest first. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/feed+json': components['schemas']['ReleaseFeed'];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  readReleaseAtomFeed: {
    parameters: {
      query?: {
        /** @description Of this app only. */
        app?: string;
      };
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description The newest first. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/atom+xml': string;
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  listMarketAppsOfPlatform: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
      path: {
        /** @description One to four numbers with dots between them. */
        version: string;
      };
    };

    responses: {
      /** @description Apps. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MarketApp'][];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The store asks for a key of its own: `Authorization: apikey: KEY`. Where it asks for none, what is there is ignored. */
      401: {
        headers: {
          /** @description `apikey`. */
          'WWW-Authenticate'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  listMarketApps: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description Apps, in the order of their ids. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MarketApp'][];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The store asks for a key of its own: `Authorization: apikey: KEY`. Where it asks for none, what is there is ignored. */
      401: {
        headers: {
          /** @description `apikey`. */
          'WWW-Authenticate'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  listMarketCategories: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description Categories; each has an English name. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            translations: {
              [key: string]: {
                name: string;
                description: string;
              };
            };
          }[];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The store asks for a key of its own: `Authorization: apikey: KEY`. Where it asks for none, what is there is ignored. */
      401: {
        headers: {
          /** @description `apikey`. */
          'WWW-Authenticate'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
  listMarketBundles: {
    parameters: {
      header?: {
        /** @description The `ETag` of what one has already (RFC 9110 §13.1.2). */
        'If-None-Match'?: string;
        /** @description The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3). */
        'If-Modified-Since'?: string;
        /** @description The `ETag` that it must have (RFC 9110 §13.1.1). */
        'If-Match'?: string;
        /** @description After when it must not have changed, where there is no tag (RFC 9110 §13.1.4). */
        'If-Unmodified-Since'?: string;
      };
    };

    responses: {
      /** @description What the operator offers together. */
      200: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          /** @description `gzip` or `br`, where one takes it. */
          'Content-Encoding'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            title: string;
            description: string;
            downloadable: boolean;
            marketplace: string;
            products: components['schemas']['MarketApp'][];
          }[];
        };
      };
      /** @description One has it already. */
      304: {
        headers: {
          /** @description Another one as soon as the answer is another (RFC 9110 §8.8.3). */
          ETag?: string;
          /** @description When it last changed, where that is known. */
          'Last-Modified'?: string;
          /** @description How long it may be kept. */
          'Cache-Control'?: string;
          /** @description `Accept-Encoding`. */
          Vary?: string;
          /** @description `*`: pages of any site may read it. */
          'Access-Control-Allow-Origin'?: string;
          [name: string]: unknown;
        };
      };
      /** @description The store asks for a key of its own: `Authorization: apikey: KEY`. Where it asks for none, what is there is ignored. */
      401: {
        headers: {
          /** @description `apikey`. */
          'WWW-Authenticate'?: string;
          [name: string]: unknown;
        };
      };
      /** @description It is another one than `If-Match` or `If-Unmodified-Since` says. */
      412: {};
    };
  };
}
