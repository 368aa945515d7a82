import { createContext } from 'svelte';
import type { Feed } from '#lib/live/feed.ts';
import type { KeyChange } from './keys.documents.ts';

/** What happens to keys of the workspace, as it happens. */
export const [getKeyFeed, setKeyFeed] = createContext<Feed<KeyChange>>();
