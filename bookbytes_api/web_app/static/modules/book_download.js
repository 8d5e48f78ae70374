/** `<book-download>` around a link to a file of a whole book: waits while the file is made, then downloads it. */
import { errorOf } from "./api.js";

const USUAL_PAUSE_S = 5;

class BookDownload extends HTMLElement {
  #left = new AbortController();
  #isWaiting = false;

  connectedCallback() {
    this.#left = new AbortController();
    this.querySelector("a")?.addEventListener("click", (event) => {
      event.preventDefault();
      if (!this.#isWaiting) {
        void this.#download(/** @type {HTMLAnchorElement} */ (event.currentTarget).href);
      }
    });
  }

  disconnectedCallback() {
    this.#left.abort();
  }

  /** @param {string} address */
  async #download(address) {
    this.#wait(true);
    try {
      await this.#made(address);
      this.#say("The download has begun.");
      location.assign(address);
    } catch (error) {
      if (!this.#left.signal.aborted) {
        this.#say(error instanceof Error ? error.message : String(error));
      }
    } finally {
      this.#wait(false);
    }
  }

  /**
   * Ask for the file until it is there, as often as the server says. The file may be in a bucket at another address,
   * which pages do not load from: that there is a redirect says enough.
   * @param {string} address
   */
  async #made(address) {
    const signal = this.#left.signal;
    for (;;) {
      const response = await fetch(address, { signal, redirect: "manual", headers: { Range: "bytes=0-0" } }).catch((error) => {
        throw signal.aborted ? error : new Error("This device is offline, or the server cannot be reached. Try again when it is back.");
      });
      void response.body?.cancel();
      if (response.type === "opaqueredirect" || (response.ok && response.status !== 202)) {
        return;
      }
      if (response.status !== 202) {
        throw await errorOf(response);
      }
      this.#say("The file is being made. Leave this page open: the download begins by itself.");
      await pause(Number(response.headers.get("Retry-After")) || USUAL_PAUSE_S, signal);
    }
  }

  /** @param {boolean} isWaiting */
  #wait(isWaiting) {
    this.#isWaiting = isWaiting;
    this.querySelector("a")?.setAttribute("aria-disabled", String(isWaiting));
    this.querySelector(".waiting")?.toggleAttribute("hidden", !isWaiting);
  }

  /** @param {string} sentence */
  #say(sentence) {
    const state = this.querySelector(".state");
    if (state && state.textContent !== sentence) {
      state.textContent = sentence;
    }
  }
}

/**
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

customElements.define("book-download", BookDownload);
