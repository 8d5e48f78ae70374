/** How each kind of request is answered with what is kept on this device. */

const NETWORK_TIMEOUT_MS = 4000;
/** How long a clip that was compared with the server's counts as the same. */
const COMPARED_FOR_MS = 60_000;
/** Statuses of a server, or of a proxy in front of it, that cannot answer at the moment. */
const UNAVAILABLE = [502, 503, 504];

/** @type {Map<string, number>} when clips were last compared, by path */
const comparedAt = new Map();

/**
 * @param {string} address
 * @returns {Promise<{cache: Cache, response: Response} | null>}
 */
async function keptAt(address) {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    const response = await cache.match(address, { ignoreVary: true });
    if (response !== undefined) {
      return { cache, response };
    }
  }
  return null;
}

/**
 * A style or a module: from this device, else from the server. A server that has been updated since the page was
 * loaded has no old ones any more: then the new one of the same name takes its place.
 * @param {Request} request
 */
async function assetFor(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept !== undefined) {
    return kept;
  }
  const [, , , ...name] = new URL(request.url).pathname.split("/");
  const sameName = () => caches.match(`/static/${SHELL.version}/${name.join("/")}`, { ignoreVary: true });
  const response = await fetch(request).catch(() => null);
  return response?.ok ? response : ((await sameName()) ?? response ?? Response.error());
}

/**
 * A page or data of a book: the server's answer if it comes soon, else what is kept; kept ones become the newest.
 * @param {Request} request
 * @param {string} address where it is kept
 */
async function newestOf(request, address) {
  const kept = await keptAt(address);
  if (kept === null) {
    return fetch(request);
  }
  const old = kept.response.clone();
  const answer = fetch(request).then(async (response) => {
    if (UNAVAILABLE.includes(response.status)) {
      return old;
    }
    if (response.ok && !response.redirected && response.type === "basic") {
      await kept.cache.put(address, response.clone());
    }
    return response;
  });
  return Promise.race([answer.catch(() => old), networkTimeout().then(() => kept.response)]);
}

/**
 * @param {Request} request
 * @param {string} address
 */
async function pageFor(request, address) {
  const offline = async () => (await keptAt("/offline"))?.response ?? Response.error();
  return newestOf(request, address).catch(offline);
}

/**
 * A clip: the part that is asked for of the kept one, unless the server has another one by now.
 * @param {Request} request
 */
async function clipFor(request) {
  const address = new URL(request.url).pathname;
  const kept = await keptAt(address);
  if (kept === null) {
    return fetch(request);
  }
  const verdict = await compare(address, kept.response.headers.get("ETag"));
  if (verdict === "same") {
    return partOf(kept.response, request.headers.get("Range"));
  }
  if (verdict === "other") {
    await kept.cache.delete(address);
  }
  return fetch(request);
}

/**
 * Compare a kept clip with the server's; one that cannot be compared counts as the same.
 * @param {string} address
 * @param {string | null} etag
 * @returns {Promise<"same" | "other" | "refused">} `refused` if this browser may not have it any more
 */
async function compare(address, etag) {
  const fresh = Date.now() - (comparedAt.get(address) ?? -Infinity) < COMPARED_FOR_MS;
  if (fresh || !navigator.onLine) {
    return "same";
  }
  const signal = AbortSignal.timeout(NETWORK_TIMEOUT_MS);
  const response = await fetch(address, { method: "HEAD", cache: "no-store", signal }).catch(() => null);
  const now = response?.headers.get("ETag");
  if (response?.status === 404 || (response?.ok && etag && now && now !== etag)) {
    return "other";
  }
  if (response?.status === 401 || response?.status === 403) {
    return "refused";
  }
  comparedAt.set(address, Date.now());
  return "same";
}

function networkTimeout() {
  return new Promise((resolve) => setTimeout(resolve, NETWORK_TIMEOUT_MS));
}
