/**
 * Theme: light, dark, or as the system has it. The choice is this browser's, and holds from the first
 * script on.
 */
import { on } from 'svelte/events';

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

const storageName = 'gatekey-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

let choice = $state<ThemeChoice>(stored());
let isSystemDark = $state(system.matches);
on(system, 'change', () => {
  isSystemDark = system.matches;
});

/** What was chosen; in a browser that keeps nothing, the system's. */
function stored(): ThemeChoice {
  try {
    return themeChoices.find((one) => one === localStorage.getItem(storageName)) ?? 'system';
  } catch {
    return 'system';
  }
}

export const theme = {
  get choice(): ThemeChoice {
    return choice;
  },
  /** What is on the screen. */
  get shown(): 'light' | 'dark' {
    if (choice !== 'system') return choice;
    return isSystemDark ? 'dark' : 'light';
  },
  choose(next: ThemeChoice): void {
    choice = next;
    apply();
    try {
      localStorage.setItem(storageName, next);
    } catch {
      // It holds for this page then.
    }
  },
};

function apply(): void {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}
apply();
