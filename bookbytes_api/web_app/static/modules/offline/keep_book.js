/** `<keep-book>`: the button with which a book is kept on this device, and what it says. */
import { announce } from "../announcements.js";
import { canKeep, keptBook, removeBook } from "./kept_cache.js";
import { Keeping, keepingOf } from "./keeping.js";
import { sizeOf } from "./sizes.js";

const NOT_HERE = "Books can be kept on a device where BookBytes is opened at an address that begins with https.";

class KeepBook extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    void this.show();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const action = button?.dataset.action;
    if (action === "keep") {
      this.keep();
    } else if (action === "cancel") {
      keepingOf(this.bookId)?.cancel();
    } else if (action === "remove") {
      void this.forget();
    }
  }

  get bookId() {
    return this.dataset.bookId ?? "";
  }

  /** The download goes on, and its end is said, on whichever page the listener is by then. */
  keep() {
    const keeping = new Keeping(this.bookId);
    const sentence = `${this.dataset.title} is kept on this device.`;
    keeping.finished.then(() => announce(sentence), () => {});
    void this.follow(keeping);
  }

  async show() {
    if (!canKeep()) {
      this.say(NOT_HERE);
      return;
    }
    const keeping = keepingOf(this.bookId);
    if (keeping !== null) {
      await this.follow(keeping);
      return;
    }
    const kept = await keptBook(this.bookId);
    if (kept === null) {
      this.offer("keep", "Keep on this device", "");
    } else if (!kept.isComplete) {
      this.offer("keep", "Go on downloading", "Not all of this book is on this device yet.", true);
    } else if (this.hasChangedSince(kept)) {
      this.offer("keep", "Download again", "This book has changed since it was kept on this device.", true);
    } else {
      this.offer("remove", "Remove from this device", `Kept on this device: ${sizeOf(kept.bytes)}.`);
    }
  }

  /** @param {import("./kept_cache.js").KeptBook} kept */
  hasChangedSince(kept) {
    const { updatedAt = kept.updatedAt, chapters = kept.chapters } = this.dataset;
    return Date.parse(updatedAt) !== Date.parse(kept.updatedAt) || Number(chapters) > kept.chapters;
  }

  /** @param {Keeping} keeping */
  async follow(keeping) {
    const progress = () => this.showProgress(keeping);
    keeping.addEventListener("progress", progress);
    progress();
    try {
      await keeping.finished;
      await this.show();
    } catch (error) {
      await (keeping.isCancelled ? this.show() : this.fail(error));
    } finally {
      keeping.removeEventListener("progress", progress);
    }
  }

  /** @param {Keeping} keeping */
  showProgress({ done, chapters }) {
    const bar = this.querySelector("progress");
    if (bar !== null) {
      [bar.max, bar.value] = [Math.max(1, chapters), done];
    }
    this.offer("cancel", "Cancel", chapters ? `${done} of ${chapters} chapters are on this device.` : "The download begins.");
    bar?.toggleAttribute("hidden", false);
  }

  /** @param {unknown} error */
  async fail(error) {
    const isBegun = (await keptBook(this.bookId)) !== null;
    this.offer("keep", "Try again", error instanceof Error ? error.message : String(error), isBegun);
  }

  async forget() {
    const kept = await keptBook(this.bookId);
    if (kept !== null) {
      await removeBook(kept);
    }
    this.offer("keep", "Keep on this device", "It is not on this device any more.");
  }

  /**
   * Say how things are, and what the button does: always the same one, which has the focus.
   * @param {string} action
   * @param {string} label
   * @param {string} sentence
   * @param {boolean} canRemove whether the second button removes what there is
   */
  offer(action, label, sentence, canRemove = false) {
    const [button, second] = this.querySelectorAll("button");
    const name = button?.querySelector("span");
    if (button && name) {
      button.dataset.action = action;
      name.textContent = label;
      button.hidden = false;
    }
    second?.toggleAttribute("hidden", !canRemove);
    this.querySelector("progress")?.toggleAttribute("hidden", true);
    this.say(sentence);
  }

  /** @param {string} sentence */
  say(sentence) {
    const place = this.querySelector("[role=status]");
    if (place !== null && place.textContent !== sentence) {
      place.textContent = sentence;
    }
  }
}

customElements.define("keep-book", KeepBook);
