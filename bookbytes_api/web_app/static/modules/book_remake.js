/** `<book-remake>` around the form that has a book made again: goes on to the request that makes it. */
import { visit } from "./navigation.js";

class BookRemake extends HTMLElement {
  connectedCallback() {
    this.addEventListener("api-done", (event) => {
      void visit(`/requests/${/** @type {CustomEvent<{job_id: string}>} */ (event).detail.job_id}`);
    });
  }
}

customElements.define("book-remake", BookRemake);
