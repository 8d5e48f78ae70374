/** Requests to this server's API, with its errors as sentences for people. */

const OFFLINE = "This device is offline, or the server cannot be reached. Try again when it is back.";

export class ApiError extends Error {
  /**
   * @param {string} message a sentence for people
   * @param {number} status the HTTP status, 0 where no answer came
   * @param {string} code the API's code for what happened
   */
  constructor(message, status, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Send a request with the cookie of this browser; return the JSON of the answer, null if it has no content.
 * Whoever is signed out is led to the sign-in page. Throws `ApiError`.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] sent as JSON, or as it is if it is a form
 * @param {RequestInit} [more]
 * @returns {Promise<any>}
 */
export async function api(method, path, body, more = {}) {
  const response = await send(method, path, body, more);
  if (response.ok) {
    return response.status === 204 ? null : response.json();
  }
  throw await errorOf(response);
}

/**
 * Send a request with the cookie of this browser; return the answer, whatever it is. Throws `ApiError` where there is
 * none.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] sent as JSON, or as it is if it is a form
 * @param {RequestInit} [more]
 */
export async function send(method, path, body, more = {}) {
  const isForm = body instanceof FormData;
  /** @type {Record<string, string>} */
  const headers = body === undefined || isForm ? {} : { "Content-Type": "application/json" };
  const content = body === undefined ? null : isForm ? body : JSON.stringify(body);
  try {
    return await fetch(path, { method, headers, body: content, ...more });
  } catch {
    throw new ApiError(OFFLINE, 0, "OFFLINE");
  }
}

/**
 * Return the error in an answer of the API.
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
export async function errorOf(response) {
  try {
    const { error } = await response.json();
    if (error.code === "NOT_AUTHENTICATED") {
      location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
    return new ApiError(error.message, response.status, error.code);
  } catch {
    return new ApiError(`The server answered with status ${response.status}. Try again in a moment.`, response.status, "UNEXPECTED");
  }
}
