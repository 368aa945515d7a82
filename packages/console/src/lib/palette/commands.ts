/** Commands: the pages and actions that the palette offers to this person, now. */
import type { Rights } from '#lib/account/rights.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { theme, themeChoices } from '#lib/ui/theme.svelte.ts';
import { m } from '#messages';
import { goto } from '$app/navigation';
import type { Entry } from './entries.ts';

interface Around {
  readonly links: readonly { readonly href: string; readonly label: string }[];
  readonly rights: Rights;
  readonly live: Live;
  readonly signOut: () => void;
}

const themeWords = { light: m.palette_theme_light, dark: m.palette_theme_dark, system: m.palette_theme_system };

export function commandsFor({ links, rights, live, signOut }: Around): Entry[] {
  const action = (id: string, label: string, run: () => void): Entry => ({ id, group: 'actions', label, run });
  const isPaused = live.state === 'paused';
  return [
    ...links.map(
      ({ href, label }): Entry => ({
        id: `page${href.replaceAll('/', '-')}`,
        group: 'pages',
        label,
        run: () => void goto(href),
      }),
    ),
    ...(rights.writeKeys ? [action('create', m.palette_create_key(), () => void goto('/keys?new'))] : []),
    isPaused
      ? action('resume', m.palette_resume(), () => live.resume())
      : action('pause', m.palette_pause(), () => live.pause()),
    ...themeChoices
      .filter((choice) => choice !== theme.choice)
      .map((choice) => action(`theme-${choice}`, themeWords[choice](), () => theme.choose(choice))),
    action('sign-out', m.palette_sign_out(), signOut),
  ];
}
