/**
 * Focus back: where the focus goes when a dialog is over, so that it is never lost.
 *
 *   what opened it -> where its owner says -> the nearest row, where its own is gone -> the heading of the page
 */

/** For how long it is seen to that the focus stays somewhere: a row may go when its list is loaded again, ms. */
const heldMs = 2_000;

/**
 * Remembers where the focus is.
 *
 * @param otherwise  where it goes when what has it now is gone by then; asked when its own component may be gone too
 * @returns gives it back; where what got it goes soon after, to the next in line
 */
export function rememberFocus(otherwise: () => HTMLElement | null = () => null): () => void {
  const { activeElement } = document;
  const opener = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : otherwise();
  const rows = rowsBeside(opener);

  function give(): void {
    const home = opener?.isConnected === true ? opener : otherwise();
    const row = rows.find((one) => one.isConnected);
    const target = home ?? row?.querySelector<HTMLElement>('a, button') ?? document.querySelector('h1');
    target?.focus();
  }

  return () => {
    const until = performance.now() + heldMs;
    const hold = (): void => {
      if (document.querySelector('dialog[open]') !== null) return;
      if (document.activeElement === document.body) give();
      if (performance.now() < until) requestAnimationFrame(hold);
    };
    give();
    requestAnimationFrame(hold);
  };
}

/** The other rows of its table, the nearest first, those below before those above. */
function rowsBeside(element: HTMLElement | null): Element[] {
  const row = element?.closest('tr');
  const rows = [...(row?.parentElement?.children ?? [])];
  const at = row ? rows.indexOf(row) : -1;
  return [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0)).reverse()];
}
