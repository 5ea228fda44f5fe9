import { isModerator } from '../accounts/caller.js';
import type { Session } from '../accounts/sessions.js';

/** A page that the navigation leads to. */
export interface NavigationLink {
  readonly href: string;
  readonly label: string;
  /** Pages beneath other paths that belong to it, too. */
  readonly alsoFor?: readonly string[];
}

export interface NavigationGroup {
  readonly label: string;
  readonly links: readonly NavigationLink[];
}

const moderation: NavigationGroup = {
  label: 'Moderation',
  links: [
    { href: 'console/queue', label: 'Queue', alsoFor: ['console/reviews'] },
    { href: 'console/store/apps', label: 'Apps' },
    { href: 'console/people', label: 'People' },
    { href: 'console/store/certificates', label: 'Certificates' },
    { href: 'console/rules', label: 'Rules' },
    { href: 'console/audit', label: 'Audit' },
    { href: 'console/statistics', label: 'Statistics' },
  ],
};

const mine: NavigationGroup = {
  label: 'Yours',
  links: [
    { href: 'console/my/apps', label: 'My apps', alsoFor: ['console/submissions'] },
    { href: 'console/my/certificates', label: 'My certificates' },
    { href: 'console/tokens', label: 'Tokens' },
    { href: 'console/notifications', label: 'Notifications' },
    { href: 'console/account', label: 'Account' },
  ],
};

/** Where somebody can go from everywhere. */
export function navigationFor({ caller }: Session): readonly NavigationGroup[] {
  return isModerator(caller) ? [moderation, mine] : [mine];
}

/** Whether a page is, or lies beneath, what a link leads to. */
export function isBeneath(path: string, { href, alsoFor = [] }: NavigationLink): boolean {
  return [href, ...alsoFor].some((start) => path === start || path.startsWith(`${start}/`));
}
