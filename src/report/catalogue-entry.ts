import type { Severity } from './finding.js';

/** What is known of a finding code, whatever the upload. */
export interface CatalogueEntry {
  readonly severity: Severity;
  /** The first sentence of every message with this code; `{expected}` and `{actual}` stand for those values. */
  readonly message: string;
  /** What it means: one or two sentences for the documentation. */
  readonly about: string;
  /** How an honest upload comes to have it, with the tools that do it. */
  readonly innocently?: string;
  /** The remedy that always helps, in the imperative; a finding may carry a more precise one. */
  readonly fix?: string;
  /** True where the store may set the weight (off, shadow, hold, refuse). The rules of the mission never are. */
  readonly configurable?: true;
  /** True for a configurable code that the store reports only where it gives it a weight. */
  readonly offByDefault?: true;
  /**
   * True where a moderator may lift it for one upload. Only of rules that are the store's own to weigh: never of the rules of
   * the mission, and never of what is wrong with an archive or a signature.
   */
  readonly liftable?: true;
  /** Why it is not reported any more. It keeps its place here, since older reports hold it. */
  readonly retired?: string;
}

/** Says so, and refuses nothing. */
export type ArchiveWarning = CatalogueEntry & { readonly severity: 'warning' };

/** An archive is never refused without a word on how that comes about innocently, and how to mend it. */
export type ArchiveError = CatalogueEntry & { readonly severity: 'error' } & (
    { readonly innocently: string; readonly fix: string } | { readonly retired: string }
  );
