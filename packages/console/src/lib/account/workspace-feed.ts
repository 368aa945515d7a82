import { createContext } from 'svelte';
import type { Feed } from '#lib/live/feed.ts';

/** Kinds of changes of the workspace, its people and plans, as `member.updated`, as they happen. Hints: what is true is asked for. */
export const [getWorkspaceFeed, setWorkspaceFeed] = createContext<Feed<string>>();
