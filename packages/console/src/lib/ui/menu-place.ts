/** Menu place: where a menu stands to the button that opened it. */

const gapPx = 4;

/** Below the button and flush with its end; above it where there is no room. */
export function placeMenu(menu: HTMLElement, trigger: HTMLElement): void {
  const box = trigger.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = menu;
  const below = box.bottom + gapPx;
  const above = Math.max(gapPx, box.top - gapPx - offsetHeight);
  menu.style.insetInlineStart = `${Math.max(gapPx, box.right - offsetWidth)}px`;
  menu.style.insetBlockStart = `${below + offsetHeight > innerHeight ? above : below}px`;
}
