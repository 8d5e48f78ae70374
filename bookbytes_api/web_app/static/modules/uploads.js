/** Sending a file, with how much of it has been sent: `fetch` does not say that. */
import { ApiError } from "./api.js";

/**
 * Send a file as the form field `file`; return the JSON of the answer. Throws `ApiError`.
 * @param {string} method
 * @param {string} path
 * @param {File} file
 * @param {(share: number) => void} onProgress told the share (0 to 1) that has been sent
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export function upload(method, path, file, onProgress, signal) {
  const form = new FormData();
  form.append("file", file);
  const request = new XMLHttpRequest();
  request.open(method, path);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => onProgress(event.lengthComputable ? event.loaded / event.total : 0));
  signal.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => (request.status < 300 ? resolve(request.response) : reject(errorOf(request))));
    request.addEventListener("error", () => reject(new ApiError("The file could not be sent: the server cannot be reached. Try again when it is back.", 0, "OFFLINE")));
    request.addEventListener("abort", () => reject(new ApiError("Sending the file was stopped.", 0, "STOPPED")));
    request.send(form);
  });
}

/** @param {XMLHttpRequest} request */
function errorOf(request) {
  if (request.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  }
  const error = request.response?.error;
  return new ApiError(error?.message ?? `The server answered with status ${request.status}. Try again in a moment.`, request.status, error?.code ?? "UNEXPECTED");
}
