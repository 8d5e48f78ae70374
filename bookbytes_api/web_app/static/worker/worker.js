/**
 * The service worker: it keeps styles and modules of this version, and answers with what is kept on this device when
 * the server cannot be reached. `/service-worker.js` says which version that is and loads this script.
 */

const SHELL_CACHE = `shell-${SHELL.version}`;
const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  const answer = answerTo(event.request);
  if (answer !== null) {
    event.respondWith(answer);
  }
});

async function install() {
  const shell = await caches.open(SHELL_CACHE);
  await shell.addAll(SHELL.addresses);
  await scope.skipWaiting();
}

/** The styles and modules of older versions go; the books that are kept stay. */
async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell-") && name !== SHELL_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/**
 * @param {Request} request
 * @returns {Promise<Response> | null} null for what the browser asks the server for as if there was no worker; a
 *   request with `cache: "reload"` is one of those that want nothing kept
 */
function answerTo(request) {
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || request.cache === "reload") {
    return null;
  }
  if (pathname.startsWith("/static/")) {
    return assetFor(request);
  }
  if (/^\/api\/v1\/chapters\/[^/]+\/audio$/.test(pathname)) {
    return clipFor(request);
  }
  if (/^\/api\/v1\/books\/[^/]+(\/cover)?$|^\/api\/v1\/chapters\/[^/]+\/[a-z.]+$/.test(pathname)) {
    return newestOf(request, pathname);
  }
  return isPage(request) && !pathname.startsWith("/api/") ? pageFor(request, pathname + search) : null;
}

/** @param {Request} request */
function isPage(request) {
  return request.mode === "navigate" || (request.headers.get("Accept") ?? "").startsWith("text/html");
}
