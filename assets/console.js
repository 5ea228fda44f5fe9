/* global document, location, navigator, addEventListener, setTimeout, setInterval, fetch, Element, HTMLElement, DOMParser, EventSource, XMLHttpRequest, FormData */

// What pages gain where scripts run; every one of them works without. Markup is never made of text here, but for pages of our own
// that are fetched again; and such a document is only taken apart, never shown, so that nothing in it runs.

const announcements = document.getElementById('announcements');

/** Tells whoever hears the page. */
function announce(text) {
  if (announcements !== null) announcements.textContent = text;
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// ── Copying ──────────────────────────────────────────────────────────────────────────────────────────────────

function prepareCopying(root) {
  if (navigator.clipboard === undefined) return;
  for (const button of root.querySelectorAll('button[data-copy]')) button.hidden = false;
}

document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null;
  if (button === null) return;
  const text = document.getElementById(button.dataset.copy)?.textContent ?? '';
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    announce('Copied');
  } catch {
    button.textContent = 'Select and copy';
  }
  setTimeout(() => (button.textContent = label), 2000);
});

// ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

function relativeTo(seconds) {
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  if (unit === 'second') return seconds > 0 ? 'in a moment' : 'just now';
  return relative.format(Math.trunc(seconds / length), unit);
}

function showTimes(root) {
  for (const time of root.querySelectorAll('time[data-relative]')) {
    const at = Date.parse(time.dateTime);
    if (Number.isNaN(at)) continue;
    if (time.title === '') time.title = time.textContent;
    time.textContent = relativeTo((at - Date.now()) / 1000);
  }
}

setInterval(() => showTimes(document), 30_000);

// ── What changes while it is looked at ───────────────────────────────────────────────────────────────────────

const policy = globalThis.trustedTypes?.createPolicy('portcullis', { createHTML: (text) => text });

/** What is followed at `X/events` is the page X; this one may be the answer to a form that was sent and not accepted. */
function pageOf(address) {
  const end = '/events';
  return address.endsWith(end) ? new URL(address.slice(0, -end.length), document.baseURI).href : location.href;
}

/** Fetches the page again, and puts what its live regions hold in the place of what they held. */
async function refresh(page) {
  const response = await fetch(page, { credentials: 'same-origin', headers: { accept: 'text/html' } });
  if (response.redirected) {
    // Signed out since. What somebody has typed stays where they can copy it.
    if (!isBusy(document.body)) location.assign(page);
    return;
  }
  if (!response.ok) return;
  const text = await response.text();
  const fresh = new DOMParser().parseFromString(policy?.createHTML(text) ?? text, 'text/html');
  showTimes(document);
  for (const region of document.querySelectorAll('[data-live-region]')) {
    const next = fresh.getElementById(region.id);
    // Somebody types there: nothing is taken from under their hands.
    if (next === null || isBusy(region)) continue;
    const adopted = document.importNode(next, true);
    // As it will be shown: compared with what is shown, no time and no button makes a difference.
    prepareCopying(adopted);
    showTimes(adopted);
    if (adopted.isEqualNode(region)) continue;
    const focused = region.contains(document.activeElement) ? document.activeElement : null;
    region.replaceWith(adopted);
    prepare(adopted);
    if (focused !== null) focusAgain(adopted, focused);
    const said = adopted.dataset.announce;
    if (said !== undefined && said !== region.dataset.announce) announce(said);
  }
}

/** Whoever was on a link or a button is on it again, or on what is there instead: never back at the top of the page. */
function focusAgain(region, was) {
  const isSame = (each) =>
    was.id === ''
      ? each.textContent === was.textContent && each.getAttribute('href') === was.getAttribute('href')
      : each.id === was.id;
  const same = [...region.querySelectorAll(was.tagName)].find(isSame);
  if (same === undefined) region.tabIndex = -1;
  (same ?? region).focus({ preventScroll: true });
}

function isBusy(region) {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && region.contains(activeElement) && isTyping(activeElement)) return true;
  // A form that was not accepted holds what was typed as if it had come with the page.
  if (region.querySelector('form [role="alert"]') !== null) return true;
  return [...region.querySelectorAll('textarea, input, select')].some(isChanged);
}

function isChanged(field) {
  if (field.tagName === 'SELECT') {
    const chosenAtFirst = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(0, chosenAtFirst);
  }
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

/** What looks again soon: several calls at once are one look, and no look overtakes another. */
function lookingAgain(page) {
  let isWanted = false;
  let isUnderWay = false;
  return async () => {
    isWanted = true;
    if (isUnderWay) return;
    isUnderWay = true;
    while (isWanted) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      isWanted = false;
      await refresh(page).catch(() => {});
    }
    isUnderWay = false;
  };
}

const RETRY_MS = 30_000;
const followed = new Set();

function follow(root) {
  for (const live of [root, ...root.querySelectorAll('[data-live]')]) {
    const address = live instanceof HTMLElement ? live.dataset.live : undefined;
    if (address === undefined || followed.has(address)) continue;
    followed.add(address);
    followAt(address, (live.dataset.liveEvents ?? 'change').split(' '));
  }
}

function followAt(address, names) {
  const soon = lookingAgain(pageOf(address));
  let source = null;
  let isOver = false;
  const close = () => {
    source?.close();
    source = null;
  };
  const open = () => {
    if (source !== null || isOver || document.hidden) return;
    source = new EventSource(new URL(address, document.baseURI));
    // Nobody told what happened since the page was made, or while there was no connection.
    source.onopen = soon;
    source.onmessage = soon;
    for (const name of names) source.addEventListener(name, soon);
    // After the last event a server says so; an EventSource would ask again for ever.
    source.addEventListener('end', () => {
      isOver = true;
      soon();
      close();
    });
    source.onerror = () => {
      // It asks again by itself where the connection broke, and gives up where the answer is an error: too many follow something.
      if (source?.readyState !== EventSource.CLOSED) return;
      close();
      setTimeout(open, RETRY_MS);
    };
  };
  // A browser has six connections to a gate, for all its windows: only those that are looked at keep one.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  addEventListener('pagehide', close);
  // Also where somebody comes back to a page that the browser had kept.
  addEventListener('pageshow', open);
  open();
}

// ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────

function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !['checkbox', 'radio', 'button', 'submit'].includes(target.getAttribute('type') ?? '')
  );
}

function selectRow(step) {
  const rows = [...document.querySelectorAll('tr[data-row]')];
  if (rows.length === 0) return;
  const current = rows.findIndex((row) => row.classList.contains('selected'));
  const next = rows[Math.min(rows.length - 1, Math.max(0, current + step))];
  rows[current]?.classList.remove('selected');
  next.classList.add('selected');
  const link = next.querySelector('a[href]');
  link?.focus();
  next.scrollIntoView({ block: 'nearest' });
}

/** The keys that every page has, if it has what they are for. */
const ownKeys = {
  '?': { label: 'Show these keys', act: showKeys },
  j: { label: 'Next row', act: () => selectRow(1), fits: () => document.querySelector('tr[data-row]') !== null },
  k: { label: 'Row before', act: () => selectRow(-1), fits: () => document.querySelector('tr[data-row]') !== null },
  '/': {
    label: 'Search',
    act: () => document.querySelector('input[type="search"]')?.focus(),
    fits: () => document.querySelector('input[type="search"]') !== null,
  },
};

function marked() {
  return [...document.querySelectorAll('[data-key]')].filter(
    (found) => !found.hasAttribute('disabled') && (found.checkVisibility?.() ?? true),
  );
}

function labelOf(found) {
  return found.dataset.keyLabel ?? found.getAttribute('aria-label') ?? found.textContent.trim();
}

function showKeys() {
  const list = element('dl');
  const add = (key, label) => list.append(element('dt', {}, element('kbd', {}, key)), element('dd', {}, label));
  for (const [key, { label, fits }] of Object.entries(ownKeys)) if (fits?.() ?? true) add(key, label);
  const listed = new Set();
  for (const found of marked()) {
    if (listed.has(found.dataset.key)) continue;
    listed.add(found.dataset.key);
    add(found.dataset.key, labelOf(found));
  }
  const close = element('button', { class: 'button', type: 'button' }, 'Close');
  const heading = element('h2', { id: 'keys-title' }, 'Keys');
  const dialog = element('dialog', { class: 'keys-overlay', 'aria-labelledby': 'keys-title' }, heading, list, close);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === 'Escape') {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
    return;
  }
  if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
  const fitting = marked().filter(({ dataset }) => dataset.key === event.key);
  // Of a key that every row has, that of the row which is selected.
  const found = fitting.find((each) => each.closest('tr.selected') !== null) ?? fitting[0];
  if (found !== undefined) {
    event.preventDefault();
    if (/^(?:INPUT|TEXTAREA|SELECT)$/.test(found.tagName)) found.focus();
    else found.click();
    return;
  }
  const own = Object.hasOwn(ownKeys, event.key) ? ownKeys[event.key] : undefined;
  if (own === undefined || !(own.fits?.() ?? true)) return;
  event.preventDefault();
  own.act();
});

document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// ── Uploads ──────────────────────────────────────────────────────────────────────────────────────────────────

function enhanceUpload(form) {
  const input = form.querySelector('input[type="file"]');
  const area = form.querySelector('.drop') ?? form;
  if (input === null) return;
  const status = element('p', { role: 'status' });
  const progress = element('progress', { max: '1', value: '0', hidden: '', 'aria-label': 'Upload' });
  const chosen = element('p', { class: 'quiet' }, 'Drop the archive here, or choose it.');
  area.append(chosen);
  form.append(progress, status);

  const showChosen = () => {
    const [file] = input.files;
    if (file !== undefined) chosen.textContent = `${file.name} · ${(file.size / 1_048_576).toFixed(1)} MiB`;
  };
  input.addEventListener('change', showChosen);
  for (const name of ['dragenter', 'dragover']) {
    area.addEventListener(name, (event) => {
      event.preventDefault();
      area.classList.add('over');
    });
  }
  area.addEventListener('dragleave', (event) => {
    if (!area.contains(event.relatedTarget)) area.classList.remove('over');
  });
  area.addEventListener('drop', (event) => {
    event.preventDefault();
    area.classList.remove('over');
    if (event.dataTransfer === null || event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    showChosen();
    if (form.dataset.upload === 'at-once') form.requestSubmit();
  });

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    const submit = form.querySelector('button[type="submit"]');
    const fail = (text) => {
      status.textContent = text;
      progress.hidden = true;
      if (submit !== null) submit.disabled = false;
    };
    request.open('POST', form.action);
    const token = form.querySelector('input[name="csrf"]')?.value;
    if (token !== undefined) request.setRequestHeader('x-csrf-token', token);
    request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
      if (!lengthComputable) return;
      progress.value = loaded / total;
      status.textContent =
        loaded < total ? `Sending: ${Math.floor((100 * loaded) / total)} %` : 'The gate is reading it…';
    });
    request.addEventListener('load', () => {
      // A redirect was followed: what was answered is the page that it led to.
      if (request.status < 400 && request.responseURL !== '') {
        location.assign(request.responseURL);
        return;
      }
      showAnswer(request.responseText, fail);
    });
    request.addEventListener('error', () => fail('The connection broke. Nothing is lost: send it again.'));
    request.addEventListener('timeout', () => fail('The gate did not answer. Try it again.'));
    progress.hidden = false;
    progress.value = 0;
    status.textContent = 'Sending…';
    if (submit !== null) submit.disabled = true;
    request.send(new FormData(form));
  });
}

// ── Files of text, put into the field beside them ────────────────────────────────────────────────────────────────

const MAX_TEXT_FILE = 64 * 1024;

/** A text field that takes a file, too: chosen with the button, or dropped on it. Nothing is sent before the form is. */
function enhanceTextFile(area) {
  const input = element('input', { type: 'file', 'aria-label': area.dataset.file });
  const take = async (file) => {
    if (file === undefined) return;
    area.value = file.size > MAX_TEXT_FILE ? '' : await file.text();
    announce(file.size > MAX_TEXT_FILE ? 'This file is too large.' : `${file.name} is in the field.`);
  };
  input.addEventListener('change', () => take(input.files[0]));
  area.addEventListener('dragover', (event) => event.preventDefault());
  area.addEventListener('drop', (event) => {
    if (event.dataTransfer === null || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  area.after(input);
}

/** An upload that was not accepted is told why in a page; what it says is shown in the place of this one's content. */
function showAnswer(text, fail) {
  const answer = new DOMParser().parseFromString(policy?.createHTML(text) ?? text, 'text/html');
  const main = answer.getElementById('main');
  if (main === null) {
    fail('The gate did not accept it.');
    return;
  }
  const adopted = document.importNode(main, true);
  document.getElementById('main').replaceWith(adopted);
  document.title = answer.title;
  prepare(adopted);
  adopted.focus();
}

// ── At the start ─────────────────────────────────────────────────────────────────────────────────────────────

function prepare(root) {
  prepareCopying(root);
  showTimes(root);
  follow(root);
  for (const form of root.querySelectorAll('form[data-upload]')) enhanceUpload(form);
  for (const area of root.querySelectorAll('textarea[data-file]')) enhanceTextFile(area);
}

prepare(document.body);
for (const part of document.querySelectorAll('[data-needs-script]')) part.hidden = false;
// Where the line of pages is longer than the window, the current one is to be seen.
document.querySelector('.side [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
// A form that was not accepted: what is wrong is where reading goes on.
(document.querySelector('[aria-invalid="true"]') ?? document.querySelector('form [role="alert"]'))?.scrollIntoView({
  block: 'center',
});
document.querySelector('[aria-invalid="true"]')?.focus();
