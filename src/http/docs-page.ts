import { catalogue } from '../report/catalogue.js';
import type { CatalogueEntry } from '../report/catalogue-entry.js';
import type { OpenApiDocument, OpenApiOperation } from './openapi.js';
import { statusOfCode } from './problem.js';

/**
 * The API for people: one page without a script, made from the OpenAPI document and the catalogue of findings. Every
 * finding code and every problem code is an anchor on it.
 */
export function docsPage(document: OpenApiDocument): { readonly page: string; readonly style: string } {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = document.tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${escape(name)}">${escape(name)}</h2>${own.map(operationHtml).join('')}`;
  });
  const findings = Object.entries(catalogue).map(([code, entry]) => findingHtml(code, entry));
  const contents = [...document.tags.map(({ name }) => name), 'Problems', 'Findings'].map(
    (name) => `<li><a href="#${escape(name)}">${escape(name)}</a></li>`,
  );
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(document.info.title)} API</title>
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<main>
<h1>${escape(document.info.title)} API <small>${escape(document.info.version)}</small></h1>
<p>${escape(document.info.description)} For programs: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<pre><code>curl -F archive=@calendar.zip -H "Authorization: Bearer $TOKEN" ${escape(`${document.servers[0]?.url ?? ''}/api/v1/apps/calendar/releases`)}</code></pre>
<nav aria-label="Contents"><ul>${contents.join('')}</ul></nav>
${sections.join('\n')}
<h2 id="Problems">Problems</h2>
<p>What can be wrong with a request (RFC 9457); the <code>code</code> is for programs, the <code>detail</code> says more.</p>
<table>${problemRows()}</table>
<h2 id="Findings">Findings</h2>
<p>What can be wrong with an upload. An error refuses it, a hold waits for a moderator, warnings and notices only inform.</p>
<dl>${findings.join('\n')}</dl>
</main>
</body>
</html>
`;
  return { page, style: STYLE };
}

function operationHtml({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: OpenApiOperation;
}): string {
  const rows = operation.parameters.map(
    ({ name, in: place, required, description }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${escape(place)}${required ? ', required' : ''}</td><td>${escape(description ?? '')}</td></tr>`,
  );
  const answers = Object.entries(operation.responses).map(
    ([status, { description }]) =>
      `<tr><td><code>${escape(status)}</code></td><td colspan="2">${escape(description)}</td></tr>`,
  );
  const body = operation.requestBody === undefined ? '' : bodyHtml(operation.requestBody.content);
  const access = operation.security.length > 0 ? 'Needs a bearer token.' : 'Public.';
  return `<section id="${escape(operation.operationId)}">
<h3><code>${escape(method.toUpperCase())} ${escape(path)}</code></h3>
<p><strong>${escape(operation.summary)}.</strong> ${escape(operation.description ?? '')} ${access}</p>
<table>${rows.join('')}${body}${answers.join('')}</table>
</section>`;
}

/** What to send: a row for each member of a JSON body, or one for each media type of any other. */
function bodyHtml(content: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const rows = Object.entries(content).flatMap(([type, { schema }]) => {
    const { properties = {}, required = [] } = schema as { properties?: Record<string, object>; required?: string[] };
    const members = Object.entries(properties);
    if (members.length === 0) return [`<tr><td>body</td><td colspan="2">${escape(type)}</td></tr>`];
    return members.map(([name, member]) => {
      const place = `in the ${type === 'application/json' ? 'JSON' : type} body${required.includes(name) ? ', required' : ''}`;
      return `<tr><td><code>${escape(name)}</code></td><td>${escape(place)}</td><td><code>${escape(shapeOf(member))}</code></td></tr>`;
    });
  });
  return rows.join('');
}

/** A JSON Schema in a few words: `"official" | "approved"`, `string[]`. */
function shapeOf(schema: object): string {
  const {
    type,
    enum: values,
    anyOf,
    items,
    properties,
  } = schema as {
    type?: string | readonly string[];
    enum?: readonly unknown[];
    anyOf?: readonly object[];
    items?: object;
    properties?: Readonly<Record<string, object>>;
  };
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (anyOf !== undefined) return anyOf.map(shapeOf).join(' | ');
  if (items !== undefined) return `${shapeOf(items)}[]`;
  if (properties !== undefined) {
    return `{ ${Object.entries(properties)
      .map(([name, member]) => `${name}: ${shapeOf(member)}`)
      .join(', ')} }`;
  }
  return type === undefined ? 'anything' : [type].flat().join(' | ');
}

function findingHtml(code: string, entry: CatalogueEntry): string {
  const fix = entry.fix === undefined ? '' : `<dd><em>${escape(entry.fix)}</em></dd>`;
  const innocently = entry.innocently === undefined ? '' : `<dd>Innocently: ${escape(entry.innocently)}</dd>`;
  return `<dt id="${escape(code)}"><code>${escape(code)}</code> <span class="${entry.severity}">${entry.severity}</span></dt>
<dd>${escape(entry.message)} ${escape(entry.about)}</dd>${innocently}${fix}`;
}

/** Every code that the `type` of a problem points to, but for findings, which have their own anchors. */
function problemRows(): string {
  const codes = Object.entries({ ...statusOfCode, RELEASE_REFUSED: 422, INTERNAL: 500 }).filter(
    ([code]) => !(code in catalogue),
  );
  return codes
    .map(([code, status]) => `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td></tr>`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const STYLE = `:root { color-scheme: light dark; --ink: light-dark(#1c2733, #dfe6ee); --paper: light-dark(#fff, #12181f);
  --line: light-dark(#d5dce4, #2c3946); --soft: light-dark(#f3f6f9, #1a222b); --accent: light-dark(#0b5394, #7ab8f5); }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 small { font-size: 1rem; font-weight: normal; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
a { color: var(--accent); }
code, pre { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: 0.8rem 1rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: 0.3rem 0.8rem 0.3rem 0; vertical-align: top; }
dt { margin-top: 1.2rem; }
dt span { font-size: 0.8rem; padding: 0 0.5em; border: 1px solid currentColor; border-radius: 1em; }
dt:target, section:target, tr:target { background: var(--soft); }
.error { color: light-dark(#a61b1b, #ff9c9c); }
.warning, .hold { color: light-dark(#7a4b00, #ffcf70); }
`;
