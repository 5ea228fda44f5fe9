import fc from 'fast-check';

/*
 * Requests as the OpenAPI document describes them, and as nobody should send them.
 */

/** A JSON Schema, as far as the document uses it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** What requests are made of beside their schemas. */
export interface Surroundings {
  readonly schemas: Readonly<Record<string, Schema>>;
  /** Name of a parameter or a member → what there really is of it. */
  readonly known: Readonly<Record<string, readonly string[]>>;
  /** Bodies that aren't JSON. */
  readonly bodies: readonly Buffer[];
}

export interface ArbitraryRequest {
  /** What stands in the path for `{name}`, not yet encoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly type: string; readonly bytes: Buffer } | null;
}

const hostileTexts = [
  '', ' ', '0', '-1', '1e309', 'NaN', 'null', 'true', '[]', '{}', '__proto__', 'constructor', 'toString', '*', '%', '%00', '\0', 'a\0b',
  '\ud800', '\udc00x', '\u202egnp', '\ufeff', "' OR 1=1 --", '"; DROP TABLE apps; --', '<script>alert(1)</script>', '../../etc/passwd',
  '..%2f..%2f', '\\..\\', 'a'.repeat(65), 'a'.repeat(3_000), '9'.repeat(40), '2147483648', '9007199254740993', '1970-01-01T00:00:00Z',
  '275760-09-13T00:00:00.001Z', '0000-00-00', 'http://127.0.0.1/', 'file:///etc/passwd', '\r\nX-Evil: 1', 'İı', '🧨',
]; // prettier-ignore

const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileTexts) },
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 80 }),
);
const hostileValue = fc.oneof(
  { weight: 2, arbitrary: hostileText },
  fc.constantFrom(null, true, 0, -1, 0.5, 1e308, 2 ** 53, [], {}, [[]], [null], { __proto__: 1 }, Array(600).fill('x')),
  fc.jsonValue({ maxDepth: 3 }),
);

/** How much of a request is not as it should be: nothing, here and there something, or all of it. */
type Evil = 'none' | 'some' | 'all';

/** Every kind of request to an operation. */
export function requestsTo(operation: DescribedOperation, around: Surroundings): fc.Arbitrary<ArbitraryRequest> {
  return fc.oneof(
    { weight: 5, arbitrary: requestsWith('none', operation, around) },
    { weight: 4, arbitrary: requestsWith('some', operation, around) },
    { weight: 1, arbitrary: requestsWith('all', operation, around) },
  );
}

function requestsWith(evil: Evil, operation: DescribedOperation, around: Surroundings): fc.Arbitrary<ArbitraryRequest> {
  const parametersIn = (place: string) => operation.parameters.filter((parameter) => parameter.in === place);
  // What is empty, or leads up, is another address.
  const isSegment = (text: string): boolean => text !== '' && !/^\.{1,2}$/.test(text) && !/^%2e/i.test(text);
  return fc.record({
    path: fc.record(
      Object.fromEntries(
        parametersIn('path').map(({ name, schema }) => [name, textFor(name, schema, around, evil).filter(isSegment)]),
      ),
    ),
    query: fc
      .tuple(...parametersIn('query').map((parameter) => queryOf(parameter, around, evil)), unknownQuery(evil))
      .map((entries) => entries.flat()),
    headers: fc
      .record(Object.fromEntries(parametersIn('header').map(({ name }) => [name.toLowerCase(), headerText])), {
        requiredKeys: [],
      })
      // A wrong digest, say, is the end of every upload.
      .map((headers) => (evil === 'none' ? {} : headers) as Record<string, string>),
    body: bodyOf(operation, around, evil),
  });
}

type Query = readonly (readonly [name: string, value: string])[];

function queryOf(
  { name, required, schema }: DescribedOperation['parameters'][number],
  around: Surroundings,
  evil: Evil,
): fc.Arbitrary<Query> {
  // Whoever waits holds up the test.
  if (name === 'wait') return fc.constantFrom<Query[]>([], [[name, '0']], [[name, '1']], [[name, '-1']], [[name, 'x']]);
  const once = textFor(name, schema, around, evil).map((value): Query => [[name, value]]);
  const twice = fc.tuple(once, once).map(([one, other]): Query => [...one, ...other]);
  const isRare = name === 'after' || name === 'before';
  // Where a page goes on is known from the page before only.
  const absentWeight = required ? 0 : isRare ? 30 : 6;
  const absent = { weight: absentWeight + (evil === 'none' ? 0 : 1), arbitrary: fc.constant<Query>([]) };
  return fc.oneof(absent, { weight: 4, arbitrary: once }, { weight: evil === 'none' ? 0 : 1, arbitrary: twice });
}

function unknownQuery(evil: Evil): fc.Arbitrary<Query> {
  if (evil === 'none') return fc.constant([]);
  const names = fc.constantFrom('nosuch', '__proto__', 'constructor', 'limit[]', '');
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<Query>([]) },
    fc.tuple(names, hostileText).map((entry): Query => [entry]),
  );
}

const headerText = fc.oneof(
  fc.constantFrom(
    '*', '"x"', 'W/"x"', '""', ',', 'bytes=0-', 'bytes=0-0,2-3', 'bytes=-1', 'bytes=9999999999-', 'bytes=x', 'Thu, 01 Jan 1970 00:00:00 GMT',
    'Fri, 31 Dec 9999 23:59:59 GMT', 'sha-256=:AAAA:', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:', 'sha-256', '=', '1', '-1', 'apikey: x',
    'Bearer x', 'a'.repeat(300),
  ), // prettier-ignore
  fc.string({ maxLength: 60 }).map((text) => text.trim()),
);

function bodyOf(
  { requestBody }: DescribedOperation,
  around: Surroundings,
  evil: Evil,
): fc.Arbitrary<ArbitraryRequest['body']> {
  if (requestBody === undefined) return fc.constant(null);
  const kinds = Object.entries(requestBody.content).map(
    ([type, { schema }]): fc.Arbitrary<ArbitraryRequest['body']> => {
      if (type !== 'application/json') return rawBody(type, around);
      const values = valueOf(schema, '', around);
      if (evil === 'none') return values.map(asJson);
      return fc.oneof(
        { weight: 2, arbitrary: values.map(asJson) },
        { weight: 6, arbitrary: spoilt(values).map(asJson) },
        { weight: 1, arbitrary: hostileValue.map(asJson) },
        fc.constantFrom('', '{', '{"a":', 'nonsense', '[1,]', '{"a":1}{}', '"\\ud800"').map((text) => jsonBody(text)),
      );
    },
  );
  return fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...kinds) },
    { weight: evil === 'none' ? 0 : 1, arbitrary: fc.constant(null) },
  );
}

function rawBody(type: string, { bodies }: Surroundings): fc.Arbitrary<ArbitraryRequest['body']> {
  const bytes = fc.oneof(
    fc.constantFrom(...bodies),
    fc.uint8Array({ maxLength: 200 }).map((noise) => Buffer.from(noise)),
    fc.uint8Array({ maxLength: 60 }).map((noise) => Buffer.concat([Buffer.from('PK\u0003\u0004'), noise])),
  );
  return bytes.map((content) => ({
    type: type.startsWith('multipart/') ? `${type}; boundary=x` : type,
    bytes: content,
  }));
}

function asJson(value: unknown): ArbitraryRequest['body'] {
  return jsonBody(JSON.stringify(value));
}

function jsonBody(text: string): ArbitraryRequest['body'] {
  return { type: 'application/json', bytes: Buffer.from(text) };
}

/** With one member that is not as it should be, too many, or missing. */
function spoilt(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(values, fc.nat(), hostileValue, fc.constantFrom('other', 'missing', 'unknown'))
    .map(([value, at, evil, how]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return evil;
      const entries = Object.entries(value);
      if (how === 'unknown' || entries.length === 0) return { ...value, nosuch: evil };
      const [name] = entries[at % entries.length] ?? [''];
      const rest = Object.fromEntries(entries.filter(([key]) => key !== name));
      return how === 'missing' ? rest : { ...rest, [name]: evil };
    });
}

function textFor(name: string, schema: Schema, around: Surroundings, evil: Evil): fc.Arbitrary<string> {
  if (evil === 'all') return hostileText;
  const texts = valueOf(schema, name, around).map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  return evil === 'none' ? texts : fc.oneof({ weight: 3, arbitrary: texts }, hostileText);
}

/** Values that meet a schema, or nearly; of what the store has some, those more often. */
function valueOf(schema: Schema, name: string, around: Surroundings): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    return valueOf(around.schemas[schema.$ref.replace(/^.*\//, '')] ?? {}, name, around);
  }
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const among = schema.anyOf ?? schema.oneOf;
  if (among !== undefined) return fc.oneof(...among.map((each) => valueOf(each, name, around)));
  if (schema.allOf !== undefined) {
    return fc
      .tuple(...schema.allOf.map((each) => valueOf(each, name, around)))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length > 1) return fc.oneof(...types.map((type) => valueOf({ ...schema, type }, name, around)));
  switch (types[0]) {
    case 'string': {
      const known = around.known[name] ?? [];
      const text = textOf(schema);
      return known.length === 0 ? text : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, text);
    }
    case 'integer':
    case 'number': {
      const [min, max] = [Math.max(schema.minimum ?? -1_000, -(2 ** 31)), Math.min(schema.maximum ?? 1_000, 2 ** 31)];
      return fc.integer({ min, max });
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, name, around), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, Math.max(4, schema.minItems ?? 0)),
      });
    case 'object':
      return objectOf(schema, around);
    default:
      return hostileValue;
  }
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: Schema,
  around: Surroundings,
): fc.Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, schema]) => [name, valueOf(schema, name, around)] as const);
  const own = fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
  if (typeof additionalProperties !== 'object') return own;
  const others = fc.dictionary(fc.string({ maxLength: 10 }), valueOf(additionalProperties, '', around), { maxKeys: 4 });
  return fc.tuple(others, own).map(([more, named]) => ({ ...more, ...named }));
}

function textOf({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === 'uri') return fc.webUrl();
  // Of a pattern with what fast-check doesn't know, anything: the schema says no, which is an answer too.
  if (pattern !== undefined && !/\(\?|\\p/.test(pattern)) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength: Math.min(minLength, 200), maxLength: Math.max(minLength, Math.min(maxLength, 60)) });
}
