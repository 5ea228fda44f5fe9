/* global document, setTimeout, clearTimeout, AbortController */

// Apps that fit what is typed, asked of the store's API by the client that other programs use, too.

const { client: folder } = document.querySelector('script[data-client]').dataset;
const load = (name) => import(new URL(`${folder}${name}`, document.baseURI).href);
const [{ createClient }, { listApps }] = await Promise.all([load('client.js'), load('generated/operations.js')]);

const store = createClient({ baseUrl: new URL('.', document.baseURI).href });
const input = document.getElementById('q');
const suggestions = document.getElementById('suggestions');
const PAUSE_MS = 200;
let timer;
let question = new AbortController();

input.addEventListener('input', () => {
  clearTimeout(timer);
  question.abort();
  question = new AbortController();
  timer = setTimeout(() => void suggest(question.signal), PAUSE_MS);
});

async function suggest(signal) {
  const q = input.value.trim();
  if (q.length < 2) {
    suggestions.replaceChildren();
    return;
  }
  // What can't be suggested can still be searched for.
  const answer = await listApps(store, { query: { q, sort: 'relevance', limit: 8 }, signal }).catch(() => null);
  if (signal.aborted || answer?.ok !== true) return;
  suggestions.replaceChildren(
    ...answer.data.apps.map(({ id, name }) => {
      const option = document.createElement('option');
      option.value = name;
      option.label = id;
      return option;
    }),
  );
}
