/** `<kept-books>`: the books that are on this device, what they take, and how to remove them. */
import { announce } from "../announcements.js";
import { canKeep, keptBooks, removeBook } from "./kept_cache.js";
import { room, sizeOf } from "./sizes.js";

const NOT_HERE = "Books can be kept on a device where BookBytes is opened at an address that begins with https.";

class KeptBooks extends HTMLElement {
  connectedCallback() {
    this.querySelector("[data-remove-all]")?.addEventListener("click", () => void this.forgetAll());
    void this.show();
  }

  async show() {
    const books = canKeep() ? await keptBooks() : [];
    this.querySelector("ul")?.replaceChildren(...books.map((book) => this.row(book)));
    await this.showTotal(books);
  }

  /** @param {import("./kept_cache.js").KeptBook[]} books */
  async showTotal(books) {
    const taken = sizeOf(books.reduce((sum, book) => sum + book.bytes, 0));
    const free = canKeep() ? await room() : 0;
    const rest = Number.isFinite(free) ? ` This browser has room for ${sizeOf(free)} more.` : "";
    const total = `${books.length} ${books.length === 1 ? "book takes" : "books take"} ${taken}.${rest}`;
    this.fill("[data-total]", !canKeep() ? NOT_HERE : books.length ? total : "");
    this.querySelector("[data-remove-all]")?.toggleAttribute("hidden", books.length < 2);
    this.querySelector("[data-empty]")?.toggleAttribute("hidden", books.length > 0 || !canKeep());
  }

  /** @param {import("./kept_cache.js").KeptBook} book */
  row(book) {
    const template = /** @type {HTMLTemplateElement} */ (this.querySelector("template"));
    const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const [title, cover] = [item.querySelector("a"), item.querySelector("img")];
    if (title && cover) {
      title.href = `/books/${book.id}`;
      title.textContent = book.title;
      title.dir = "auto";
      cover.src = `/api/v1/books/${book.id}/cover`;
    }
    const chapters = `${book.chapters} ${book.chapters === 1 ? "chapter" : "chapters"}`;
    this.fill("[data-author]", book.author, item);
    this.fill("[data-facts]", book.isComplete ? `${chapters}, ${sizeOf(book.bytes)}` : "Not all of it is here: open the book and go on downloading.", item);
    const [play, remove] = [item.querySelector("[data-play]"), item.querySelector("[data-remove]")];
    play?.setAttribute("data-play-book", book.id);
    play?.setAttribute("aria-label", `Play ${book.title}`);
    remove?.setAttribute("aria-label", `Remove ${book.title} from this device`);
    remove?.addEventListener("click", () => void this.forget(book, item));
    return item;
  }

  /**
   * @param {string} place
   * @param {string} text
   * @param {Element} [within]
   */
  fill(place, text, within) {
    const element = (within ?? this).querySelector(place);
    if (element instanceof HTMLElement) {
      element.dir = "auto";
      element.textContent = text;
    }
  }

  /**
   * @param {import("./kept_cache.js").KeptBook} book
   * @param {HTMLElement} item
   */
  async forget(book, item) {
    await removeBook(book);
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    const next = neighbour?.querySelector("[data-remove]") ?? document.getElementById("main");
    if (next instanceof HTMLElement) {
      next.focus();
    }
    announce(`${book.title} is not on this device any more.`);
    await this.showTotal(await keptBooks());
  }

  async forgetAll() {
    const books = await keptBooks();
    if (confirm(`Remove all ${books.length} books from this device?`)) {
      await Promise.all(books.map(removeBook));
      announce("No book is on this device any more.");
      document.getElementById("main")?.focus();
      await this.show();
    }
  }
}

customElements.define("kept-books", KeptBooks);
