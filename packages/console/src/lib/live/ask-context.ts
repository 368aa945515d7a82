import { createContext } from 'svelte';
import type { Ask } from './ask.ts';

/** The way to ask the server, handed to every component of a signed-in page. */
export const [getAsk, setAsk] = createContext<Ask>();
