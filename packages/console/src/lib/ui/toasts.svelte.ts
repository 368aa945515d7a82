/**
 * Toasts: short words about what was just done, with at most one way back.
 *
 * Never for something that a person must read: it may be gone before they look.
 */

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** With a way back a toast stays longer: there is something to decide. */
const staysMs = 5_000;
const staysWithActionMs = 10_000;

let nextId = 1;
let shown = $state.raw<readonly Toast[]>([]);
let waits = false;
const ends = new Map<number, number>();

export const toasts = {
  get shown(): readonly Toast[] {
    return shown;
  },

  /** Shows a text; the oldest goes when there are more than three. */
  show(text: string, action?: Toast['action']): void {
    const toast: Toast = action === undefined ? { id: nextId++, text } : { id: nextId++, text, action };
    shown = [...shown, toast].slice(-3);
    arm(toast);
  },

  dismiss(id: number): void {
    clearTimeout(ends.get(id));
    ends.delete(id);
    shown = shown.filter((toast) => toast.id !== id);
  },

  /** While a pointer or the focus is on them, toasts do not leave; afterwards each has its whole time again. */
  hold(on: boolean): void {
    if (waits === on) return;
    waits = on;
    for (const timer of ends.values()) clearTimeout(timer);
    if (!on) for (const toast of shown) arm(toast);
  },
};

function arm(toast: Toast): void {
  if (waits) return;
  const stays = toast.action === undefined ? staysMs : staysWithActionMs;
  ends.set(
    toast.id,
    window.setTimeout(() => toasts.dismiss(toast.id), stays),
  );
}
