/**
 * Moving between pages without loading a document, so that what plays goes on: the next page is fetched, and its title,
 * its `main` and its links at the top take the place of those of this one. Elements of their own start when they appear.
 */

/** Pages that begin with another document: who is signed in changes there, and the player with it. */
const WHOLE_DOCUMENTS = ["/sign-in", "/sign-up", "/sign-out", "/reset", "/docs", "/redoc"];

/** @type {AbortController | null} */
let underWay = null;

/**
 * Go to a page of this site.
 * @param {string | URL} address
 * @param {{replace?: boolean, keepFocus?: boolean}} [how] `replace` the present entry of the history, and leave the
 *   focus where it is
 */
export async function visit(address, how = {}) {
  await show(new URL(address, location.href), how.keepFocus ?? false, (landed) => {
    if (how.replace) {
      history.replaceState(null, "", landed);
    } else {
      history.pushState(null, "", landed);
      scrollTo(0, 0);
    }
  });
}

/** Show the present page as it is now; the focus stays where it is. */
export async function refresh() {
  await show(new URL(location.href), true);
}

/**
 * @param {URL} url
 * @param {boolean} keepFocus
 * @param {(landed: URL) => void} [remember] called before the page is shown, with its address: the server may have led
 *   to another one
 */
async function show(url, keepFocus, remember) {
  underWay?.abort();
  underWay = new AbortController();
  try {
    const response = await fetch(url, { signal: underWay.signal, headers: { Accept: "text/html" } });
    const landed = response.redirected ? new URL(response.url) : url;
    if (isWholeDocument(landed) || !response.headers.get("Content-Type")?.startsWith("text/html")) {
      location.assign(url);
      return;
    }
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    remember?.(landed);
    swap(next, keepFocus);
    document.dispatchEvent(new CustomEvent("page-changed"));
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) {
      location.assign(url);
    }
  }
}

/**
 * @param {Document} next
 * @param {boolean} keepFocus
 */
function swap(next, keepFocus) {
  const focused = keepFocus ? document.activeElement?.id : "";
  const wasInMain = document.querySelector("main")?.contains(document.activeElement) ?? false;
  document.title = next.title;
  for (const part of ["main", ".site-header"]) {
    const [old, fresh] = [document.querySelector(part), next.querySelector(part)];
    if (old && fresh) {
      old.replaceWith(document.adoptNode(fresh));
    }
  }
  if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
  if (!keepFocus || (wasInMain && document.activeElement === document.body)) {
    document.getElementById("main")?.focus({ preventScroll: true });
  }
}

/** @param {URL} url */
function isWholeDocument(url) {
  return WHOLE_DOCUMENTS.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`));
}

/** @param {MouseEvent} event */
function follow(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const changed = event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (link === null || changed || link.target || link.hasAttribute("download") || link.origin !== location.origin) {
    return;
  }
  const url = new URL(link.href);
  const isPlace = url.hash !== "" && url.pathname === location.pathname && url.search === location.search;
  if (isPlace || isWholeDocument(url) || url.pathname.startsWith("/api/")) {
    return;
  }
  event.preventDefault();
  void visit(url);
}

export function startNavigation() {
  document.addEventListener("click", follow);
  addEventListener("popstate", () => void show(new URL(location.href), false));
}
