import { isModerator } from '../../accounts/caller.js';
import { definePage, type Page } from '../page.js';

/** `/console` leads to what somebody needs first. */
export const homePages: readonly Page[] = [
  definePage({ method: 'get', path: '/console', access: 'signed-in' }, {}, ({ session }) => ({
    redirect: isModerator(session.caller) ? 'console/queue' : 'console/my/apps',
  })),
];
