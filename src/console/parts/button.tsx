import type { ComponentChildren, JSX } from 'preact';

type Look = 'primary' | 'danger' | 'plain';

interface ButtonLook {
  readonly look?: Look | undefined;
  readonly small?: boolean;
  /** The key that does the same: one letter. */
  readonly shortcut?: string;
  readonly children?: ComponentChildren;
}

function classOf({ look, small }: ButtonLook): string {
  return ['button', look, small === true && 'small'].filter(Boolean).join(' ');
}

/** Sends the form around it. With a name it says which of several buttons was pressed. */
export function Button({
  name,
  value,
  disabled,
  label,
  ...look
}: ButtonLook & {
  readonly name?: string;
  readonly value?: string;
  readonly disabled?: boolean;
  /** What it does, for whoever hears the page, where its text alone doesn't say it: "End the session of …". */
  readonly label?: string;
}): JSX.Element {
  return (
    <button
      type="submit"
      class={classOf(look)}
      name={name}
      value={value}
      disabled={disabled}
      aria-label={label}
      data-key={look.shortcut}
      aria-keyshortcuts={look.shortcut}
    >
      {look.children}
    </button>
  );
}

/** A link that looks like a button: it leads somewhere and changes nothing. */
export function ButtonLink({ href, ...look }: ButtonLook & { readonly href: string }): JSX.Element {
  return (
    <a class={classOf(look)} href={href} data-key={look.shortcut} aria-keyshortcuts={look.shortcut}>
      {look.children}
    </a>
  );
}

/** Something that is not easily undone: its form opens on the first press, and is sent on the second. */
export function Confirm({
  label,
  look,
  children,
}: {
  readonly label: string;
  readonly look?: Look | undefined;
  /** The form, with what will happen and a button. */
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <details class="confirm">
      <summary class={classOf({ look })}>{label}</summary>
      <div class="confirm-body">{children}</div>
    </details>
  );
}
