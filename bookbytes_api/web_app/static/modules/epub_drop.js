/**
 * `<epub-drop data-isbn="...">`: takes an EPUB, dropped or chosen, and attaches it to its book. Without an ISBN the file
 * is asked for one, and then the person.
 */
import { announce } from "./announcements.js";
import { visit } from "./navigation.js";
import { upload } from "./uploads.js";

class EpubDrop extends HTMLElement {
  /** @type {File | null} */
  file = null;
  stopping = new AbortController();

  connectedCallback() {
    this.stopping = new AbortController();
    const zone = this.querySelector(".drop-zone");
    const chooser = /** @type {HTMLInputElement | null} */ (this.querySelector("input[type=file]"));
    chooser?.addEventListener("change", () => this.take(chooser.files?.[0]));
    for (const [kind, isOver] of /** @type {const} */ ([["dragover", true], ["dragleave", false], ["drop", false]])) {
      this.addEventListener(kind, (event) => {
        event.preventDefault();
        zone?.classList.toggle("over", isOver);
      });
    }
    this.addEventListener("drop", (event) => this.take(event.dataTransfer?.files[0]));
    this.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.attach(this.querySelector("form")?.querySelector("input")?.value.trim() ?? "");
    });
  }

  disconnectedCallback() {
    this.stopping.abort();
  }

  /** @param {File | undefined} file */
  take(file) {
    if (file === undefined) {
      return;
    }
    this.file = file;
    const isbn = this.dataset["isbn"];
    void (isbn ? this.attach(isbn) : this.identify(file));
  }

  /** @param {File} file */
  async identify(file) {
    const facts = await this.send("POST", "/add/epub", "Reading the file");
    const isbn = facts?.isbns[0];
    if (isbn !== undefined) {
      await this.attach(isbn);
    } else if (facts !== null) {
      this.find("question").textContent = `${facts.title || file.name}: the file names no ISBN. Type the one of the printed book.`;
      this.find("ask").hidden = false;
      this.find("ask").querySelector("input")?.focus();
    }
  }

  /** @param {string} isbn */
  async attach(isbn) {
    const answer = await this.send("PUT", `/api/v1/books/isbn/${encodeURIComponent(isbn)}/text`, "Adding the file");
    if (answer === null) {
      return;
    }
    this.find("ask").hidden = true;
    if (answer.warnings.length === 0) {
      announce(`The EPUB of ${answer.title} is added.`);
      await visit(`/add/${answer.isbn}`);
    } else {
      this.warn(answer);
    }
  }

  /** @param {{isbn: string, warnings: string[]}} answer */
  warn(answer) {
    const place = this.find("warnings");
    place.querySelector("ul")?.replaceChildren(...answer.warnings.map(listItem));
    place.querySelector("a")?.setAttribute("href", `/add/${answer.isbn}`);
    place.hidden = false;
    place.focus();
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string} doing what the person reads meanwhile
   * @returns {Promise<any>} null if it failed, which is said then
   */
  async send(method, path, doing) {
    const bar = this.querySelector("progress");
    this.find("problem").hidden = this.find("warnings").hidden = true;
    this.find("upload").hidden = false;
    this.find("doing").textContent = doing;
    try {
      return await upload(method, path, /** @type {File} */ (this.file), (share) => {
        if (share < 1) {
          bar?.setAttribute("value", String(share));
        } else {
          bar?.removeAttribute("value");
        }
      }, this.stopping.signal);
    } catch (error) {
      this.find("problem").textContent = error instanceof Error ? error.message : String(error);
      this.find("problem").hidden = this.stopping.signal.aborted;
      return null;
    } finally {
      this.find("upload").hidden = true;
    }
  }

  /**
   * @param {string} name
   * @returns {HTMLElement}
   */
  find(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part=${name}]`));
  }
}

/** @param {string} text */
function listItem(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

customElements.define("epub-drop", EpubDrop);
