import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { useAttempt } from './form.js';

interface Labelled {
  readonly name: string;
  readonly label: ComponentChildren;
  /** A sentence on what belongs here. */
  readonly hint?: ComponentChildren;
  readonly required?: boolean;
  /** What is said instead of "optional": of fields of which one is needed, say. */
  readonly optionally?: string | undefined;
}

/** What connects a field with its label, hint and error. */
function useField(name: string, hint: ComponentChildren) {
  const attempt = useAttempt();
  const id = `${useId()}-${name}`;
  const error = attempt?.errors[name];
  const described = [hint === undefined ? null : `${id}-hint`, error === undefined ? null : `${id}-error`];
  const describedBy = described.filter((part) => part !== null).join(' ');
  return {
    id,
    error,
    typed: attempt?.values[name],
    wasSent: attempt !== null,
    aria: {
      ...(describedBy !== '' && { 'aria-describedby': describedBy }),
      ...(error !== undefined && { 'aria-invalid': true as const }),
    },
  };
}

function Around({
  id,
  label,
  hint,
  error,
  required,
  optionally = 'optional',
  children,
}: Omit<Labelled, 'name'> & {
  readonly id: string;
  readonly error: string | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="field">
      <label for={id}>
        {label}
        {required !== true && <span class="optional"> {optionally}</span>}
      </label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** A line of text. A password is never shown again; anything else is, after a form that was not accepted. */
export function Field({
  name,
  label,
  hint,
  required,
  optionally,
  value,
  type = 'text',
  ...input
}: Labelled & {
  readonly value?: string;
  readonly type?: 'text' | 'password' | 'email' | 'url' | 'number' | 'date' | 'search' | 'datetime-local';
  readonly autocomplete?: string;
  readonly inputmode?: 'text' | 'numeric' | 'email' | 'url';
  readonly maxlength?: number;
  readonly min?: string | number;
  readonly max?: string | number;
  readonly pattern?: string;
  readonly placeholder?: string;
  readonly autofocus?: boolean;
  readonly spellcheck?: boolean;
  readonly readonly?: boolean;
  readonly class?: string;
}): JSX.Element {
  const { id, error, typed, aria } = useField(name, hint);
  const shown = type === 'password' ? undefined : typeof typed === 'string' ? typed : value;
  // An object only: the types of every kind of input differ in roles, which none here has.
  const attributes: object = { id, name, type, value: shown, required, ...aria, ...input };
  return (
    <Around id={id} label={label} hint={hint} error={error} required={required === true} optionally={optionally}>
      <input {...attributes} />
    </Around>
  );
}

/** Several lines of text. */
export function Textarea({
  name,
  label,
  hint,
  required,
  optionally,
  value = '',
  rows = 5,
  ...input
}: Labelled & {
  readonly value?: string;
  readonly rows?: number;
  readonly maxlength?: number;
  readonly placeholder?: string;
  /** What a file is called whose text can be put in: a script offers to choose one. */
  readonly 'data-file'?: string;
}): JSX.Element {
  const { id, error, typed, aria } = useField(name, hint);
  return (
    <Around id={id} label={label} hint={hint} error={error} required={required === true} optionally={optionally}>
      <textarea id={id} name={name} rows={rows} required={required} {...aria} {...input}>
        {/* HTML leaves out a line break that stands first. */}
        {`\n${typeof typed === 'string' ? typed : value}`}
      </textarea>
    </Around>
  );
}

/** What can be chosen: what is sent, and what it is called. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

/** One of a list. */
export function Select({
  name,
  label,
  hint,
  required,
  optionally,
  value,
  choices,
}: Labelled & { readonly value?: string; readonly choices: readonly Choice[] }): JSX.Element {
  const { id, error, typed, aria } = useField(name, hint);
  const chosen = typeof typed === 'string' ? typed : value;
  return (
    <Around id={id} label={label} hint={hint} error={error} required={required === true} optionally={optionally}>
      <select id={id} name={name} required={required} {...aria}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value} selected={choice.value === chosen}>
            {choice.label}
          </option>
        ))}
      </select>
    </Around>
  );
}

/** One of a few, all of them seen. */
export function Radios({
  name,
  label,
  hint,
  required,
  value,
  choices,
}: Labelled & { readonly value?: string; readonly choices: readonly Choice[] }): JSX.Element {
  const { id, error, typed, aria } = useField(name, hint);
  const chosen = typeof typed === 'string' ? typed : value;
  return (
    <fieldset class="field" {...aria}>
      <legend>{label}</legend>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {choices.map((choice) => (
        <label key={choice.value} class="tick">
          <input type="radio" name={name} value={choice.value} checked={choice.value === chosen} required={required} />
          <span>
            {choice.label}
            {choice.hint !== undefined && <span class="hint">{choice.hint}</span>}
          </span>
        </label>
      ))}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** A box to tick. Several of one name send several values. */
export function Tick({
  name,
  label,
  hint,
  value = 'yes',
  checked = false,
  required,
}: Labelled & { readonly value?: string; readonly checked?: boolean }): JSX.Element {
  const { id, error, typed, wasSent, aria } = useField(name, hint);
  const ticked = wasSent ? [typed].flat().includes(value) : checked;
  return (
    <div class="field">
      <label class="tick" for={id}>
        <input id={id} type="checkbox" name={name} value={value} checked={ticked} required={required} {...aria} />
        <span>{label}</span>
      </label>
      {hint !== undefined && (
        <p class="hint indent" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** A file to send; goes into a `<Form upload>`, which lets it be dropped there, too. */
export function FileField({ name, label, hint, accept }: Labelled & { readonly accept?: string }): JSX.Element {
  const { id, error, aria } = useField(name, hint);
  return (
    <Around id={id} label={label} hint={hint} error={error} required>
      <div class="drop">
        <input id={id} type="file" name={name} accept={accept} required {...aria} />
      </div>
    </Around>
  );
}
