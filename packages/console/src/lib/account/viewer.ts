import { createContext } from 'svelte';
import type { ViewerAnswer } from './viewer.documents.ts';

/** Who is signed in, for every component of a signed-in page. */
export const [getViewer, setViewer] = createContext<ViewerAnswer['viewer']>();
