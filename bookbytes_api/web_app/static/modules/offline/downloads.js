/** Downloading single addresses into a cache. What went wrong becomes a sentence for people. */
import { ApiError } from "../api.js";

const UNREACHABLE = "The server cannot be reached. What has been downloaded stays; try again when it is back.";
const FORBIDDEN_BY_STORE =
  "This server has its clips in a store that does not let pages keep them. Whoever runs it can allow that with a CORS rule for this address.";

export class Download {
  /**
   * @param {Cache} cache
   * @param {AbortSignal} signal
   */
  constructor(cache, signal) {
    this.cache = cache;
    this.signal = signal;
  }

  /**
   * Download what the book cannot be listened to without; throws `ApiError`.
   * @param {string} address
   * @param {string} what in the sentence that says that it failed
   * @returns {Promise<number>} its size in bytes
   */
  async required(address, what) {
    const response = await this.#ask(address);
    if (response !== null && !response.ok) {
      throw new ApiError(`${what} could not be kept: ${await reason(response)}`, response.status, "NOT_KEPT");
    }
    return this.#save(address, response);
  }

  /**
   * Download what not every book has; throws `ApiError` where the server cannot be reached.
   * @param {string} address
   * @returns {Promise<number>} its size in bytes
   */
  async optional(address) {
    const response = await this.#ask(address);
    return response === null || response.ok ? this.#save(address, response) : 0;
  }

  /**
   * @param {string} address
   * @returns {Promise<Response | null>} null if what is kept already is still valid
   */
  async #ask(address) {
    const etag = (await this.cache.match(address))?.headers.get("ETag");
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const response = await fetch(address, { cache: "reload", headers: /** @type {HeadersInit} */ (headers), signal: this.signal });
      return response.status === 304 ? null : response;
    } catch (error) {
      if (this.signal.aborted) {
        throw error;
      }
      throw new ApiError((await isForbiddenByStore(address)) ? FORBIDDEN_BY_STORE : UNREACHABLE, 0, "NOT_KEPT");
    }
  }

  /**
   * @param {string} address
   * @param {Response | null} response
   */
  async #save(address, response) {
    if (response !== null) {
      try {
        await this.cache.put(address, response.redirected ? await plain(response) : response);
      } catch (error) {
        throw this.signal.aborted || isFull(error) ? error : new ApiError(UNREACHABLE, 0, "NOT_KEPT");
      }
    }
    const kept = await this.cache.match(address, { ignoreVary: true });
    return (await kept?.blob())?.size ?? 0;
  }
}

/**
 * A redirected answer as one of this server: browsers refuse the others where they did not ask for a redirect.
 * @param {Response} response
 */
async function plain(response) {
  const headers = new Headers();
  for (const name of ["Content-Type", "ETag"]) {
    const value = response.headers.get(name);
    if (value !== null) {
      headers.set(name, value);
    }
  }
  return new Response(await response.blob(), { headers });
}

/** @param {string} address */
async function isForbiddenByStore(address) {
  const response = await fetch(address, { method: "HEAD", cache: "reload", redirect: "manual" }).catch(() => null);
  return response?.type === "opaqueredirect";
}

/** @param {Response} response */
async function reason(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `the server answered with status ${response.status}.`;
  }
}

/**
 * Whether the browser refused to keep something for want of room, which it does wherever it likes.
 * @param {unknown} error
 */
export function isFull(error) {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}
