import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

type Props = {
  /** What the button says, and the one that confirms. */
  label: string;
  question: string;
  disabled?: boolean;
  isDanger?: boolean;
  /** It stands in each row, and calls for no attention. */
  isQuiet?: boolean;
  onConfirm: () => void;
  children: ComponentChildren;
};

/** A button that asks first, in a dialog that Escape closes. The dialog gives the focus back. */
export function ConfirmButton({
  label,
  question,
  disabled = false,
  isDanger = false,
  isQuiet = false,
  onConfirm,
  children,
}: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const look = isDanger ? 'button danger' : 'button primary';
  return (
    <>
      <button
        type="button"
        class={isQuiet ? 'button' : look}
        disabled={disabled}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <form method="dialog">
          <h2 id={titleId}>{question}</h2>
          <div class="dialog-text">{children}</div>
          <div class="actions">
            <button type="submit" class="button">
              Go back
            </button>
            <button type="submit" class={look} onClick={onConfirm}>
              {label}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
