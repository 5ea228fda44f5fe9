import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { TOKEN_FIELD } from '../form-token.js';
import { useSurroundings, type Attempt } from '../surroundings.js';
import { Callout } from './callout.js';

const AttemptContext = createContext<Attempt | null>(null);

/** What was typed into the form around a field, and what is wrong with it; null where it has not been sent. */
export function useAttempt(): Attempt | null {
  return useContext(AttemptContext);
}

/**
 * A form that changes something. It carries what proves that it came from here, and where it was sent and not accepted it says
 * why and holds what was typed. For forms that only look for something: `<form>`.
 */
export function Form({
  action,
  children,
  class: className,
  upload,
  label,
}: {
  /** `console/account/password`; the page's own address where not said. */
  readonly action?: string;
  readonly children?: ComponentChildren;
  readonly class?: string;
  /** For files: sent by script with its progress where there is one. */
  readonly upload?: boolean;
  /** For whoever hears the page: what the form is for, where no heading says it. */
  readonly label?: string;
}): JSX.Element {
  const { path, formToken, attempt } = useSurroundings();
  const target = action ?? path;
  const own = attempt?.action === target.split('?')[0] ? attempt : null;
  return (
    <form
      method="post"
      action={target}
      class={className}
      aria-label={label}
      novalidate={own !== null}
      {...(upload === true && { enctype: 'multipart/form-data', 'data-upload': '' })}
    >
      <input type="hidden" name={TOKEN_FIELD} value={formToken()} />
      {own !== null && (
        <Callout kind="bad" role="alert">
          {own.message}
        </Callout>
      )}
      <AttemptContext.Provider value={own}>{children}</AttemptContext.Provider>
    </form>
  );
}
