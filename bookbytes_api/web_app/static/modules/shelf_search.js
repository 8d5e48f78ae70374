/**
 * `<shelf-search>` around the form and the books: shows what fits while somebody types. The field itself stays, and
 * with it the focus and the caret.
 */

const PAUSE_MS = 250;
const NO_ANSWER = "The library cannot be searched at the moment. Try again when this device is online.";

class ShelfSearch extends HTMLElement {
  /** @type {AbortController | null} */
  #asking = null;
  #pause = 0;

  connectedCallback() {
    const form = this.querySelector("form");
    form?.addEventListener("input", () => this.#soon(form));
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#search(form);
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#pause);
    this.#asking?.abort();
  }

  /** @param {HTMLFormElement} form */
  #soon(form) {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#search(form), PAUSE_MS);
  }

  /** @param {HTMLFormElement} form */
  async #search(form) {
    clearTimeout(this.#pause);
    this.#asking?.abort();
    this.#asking = new AbortController();
    const address = addressOf(form);
    try {
      const response = await fetch(address, { signal: this.#asking.signal, headers: { Accept: "text/html" } });
      if (response.redirected) {
        location.assign(address);
        return;
      }
      this.#show(new DOMParser().parseFromString(await response.text(), "text/html"), address);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) {
        this.#say(NO_ANSWER);
      }
    }
  }

  /**
   * @param {Document} found the shelf; another page says why there is none
   * @param {string} address
   */
  #show(found, address) {
    const [old, fresh] = [this.querySelector("#results"), found.querySelector("#results")];
    if (!old || !fresh) {
      this.#say(NO_ANSWER);
      return;
    }
    old.replaceWith(document.adoptNode(fresh));
    this.#say(found.getElementById("result-count")?.textContent ?? "");
    history.replaceState(null, "", address);
    document.dispatchEvent(new CustomEvent("page-changed"));
  }

  /** @param {string} sentence */
  #say(sentence) {
    const count = this.querySelector("#result-count");
    if (count) {
      count.textContent = sentence.trim();
    }
  }
}

/**
 * Return the address of what the form asks for, without what it leaves empty.
 * @param {HTMLFormElement} form
 */
function addressOf(form) {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value.trim()) {
      wanted.set(name, value);
    }
  }
  return wanted.size ? `/?${wanted}` : "/";
}

customElements.define("shelf-search", ShelfSearch);
