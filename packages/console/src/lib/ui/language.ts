/**
 * Language: found out once, before the first page is drawn: what was chosen in this browser, else what it prefers. It holds
 * until the page is loaded anew.
 */
import { baseLocale, extractLocaleFromNavigator, getLocaleForUrl, type Locale, overwriteGetLocale } from '#locale';

/** In a browser that keeps nothing there is no choice to find. */
function findLocale(): Locale {
  try {
    return getLocaleForUrl(location.href);
  } catch {
    return extractLocaleFromNavigator() ?? baseLocale;
  }
}

const locale = findLocale();
overwriteGetLocale(() => locale);
document.documentElement.lang = locale;
