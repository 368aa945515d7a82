/**
 * Copy text: how a string gets on the clipboard, also where `navigator.clipboard` does not exist (plain http).
 *
 * There, a textarea inside a modal dialog reports success and copies nothing. So the text that is already on the page is
 * selected, and the `copy` event itself says whether the copy took place. The answer tells what truly happened.
 */

/** `selected`: nothing was copied, but the text is marked, so that one key press copies it. */
export type CopyOutcome = 'copied' | 'selected';

/**
 * Copies a text that the page shows.
 *
 * @param text   what shall be on the clipboard
 * @param shown  the element that shows it; it is selected when the browser does not let us copy
 */
export async function copyText(text: string, shown: HTMLElement): Promise<CopyOutcome> {
  // The types say it is always there; over plain http it is not.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return 'copied';
    } catch {
      // Permission refused or the page is not focused: the selection still works.
    }
  }
  select(shown);
  return copySelection(text) ? 'copied' : 'selected';
}

function select(element: HTMLElement): void {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** True only if the browser asked us what to copy and took it. */
function copySelection(text: string): boolean {
  let taken = false;
  const fill = (event: ClipboardEvent): void => {
    if (event.clipboardData === null) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    taken = true;
  };
  document.addEventListener('copy', fill, { once: true, capture: true });
  document.execCommand('copy');
  document.removeEventListener('copy', fill, { capture: true });
  return taken;
}
