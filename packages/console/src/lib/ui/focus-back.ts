/**
 * Focus back: where the focus goes when a dialog is over, so that it is never lost.
 *
 *   what opened it -> where its owner says -> the nearest row, where its own is gone -> the heading of the page
 */

/**
 * Remembers where the focus is.
 *
 * @param otherwise  where it goes when what has it now is gone by then; asked when its own component may be gone too
 * @returns gives it back; where what got it goes with its row soon after, to a row beside
 */
export function rememberFocus(otherwise: () => HTMLElement | null = () => null): () => void {
  const { activeElement } = document;
  const opener = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : otherwise();
  const rows = rowsBeside(opener);
  const table = opener?.closest('table');
  const isThere = (element: HTMLElement | null): boolean => element?.isConnected === true;

  function give(): void {
    const row = rows.find((one) => one.isConnected);
    const home = isThere(opener) ? opener : otherwise();
    const target = home ?? row?.querySelector<HTMLElement>('a, button');
    (target ?? document.querySelector('h1'))?.focus();
    if (target !== opener || !table) return;
    const observer = new MutationObserver(() => {
      if (isThere(opener)) return;
      observer.disconnect();
      if (document.activeElement === document.body) give();
    });
    observer.observe(table, { childList: true, subtree: true });
    opener?.addEventListener('blur', () => isThere(opener) && observer.disconnect(), { once: true });
  }
  return give;
}

/** The other rows of its table, the nearest first, those below before those above. */
function rowsBeside(element: HTMLElement | null): Element[] {
  const row = element?.closest('tr');
  const rows = [...(row?.parentElement?.children ?? [])];
  const at = row ? rows.indexOf(row) : -1;
  return [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0)).reverse()];
}
