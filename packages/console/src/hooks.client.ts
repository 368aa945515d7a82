/** Hooks: what happens before the first page is drawn. */
import '#lib/ui/language.ts';

// An invitation stands in no frame, so there is no shape of one before it (`app.html`).
if (location.pathname === '/join') document.getElementById('shell')?.remove();
