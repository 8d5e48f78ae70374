/** `<feed-address>` around the form that makes a podcast address: shows the new address in the form's place. */
import { announce } from "./announcements.js";

class FeedAddress extends HTMLElement {
  connectedCallback() {
    this.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#make(/** @type {HTMLFormElement} */ (event.currentTarget));
    });
  }

  /** @param {HTMLFormElement} form */
  async #make(form) {
    const button = form.querySelector("button");
    button?.setAttribute("disabled", "");
    try {
      const fields = new URLSearchParams();
      new FormData(form).forEach((value, name) => fields.set(name, String(value)));
      const response = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
      this.#show(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      this.#problem("This device is offline, or the server cannot be reached. Try again when it is back.");
    } finally {
      button?.removeAttribute("disabled");
    }
  }

  /** @param {Document} answer the page with the address, or one that says what went wrong */
  #show(answer) {
    const feed = answer.querySelector(".new-feed");
    if (feed === null) {
      this.#problem(answer.querySelector("main p")?.textContent ?? "The address could not be made. Try again in a moment.");
      return;
    }
    this.replaceChildren(document.adoptNode(feed));
    this.querySelector("copy-button")?.removeAttribute("hidden");
    this.querySelector("button")?.focus();
    announce("The address is made.");
  }

  /** @param {string} sentence */
  #problem(sentence) {
    const place = this.querySelector(".form-error") ?? document.createElement("p");
    place.className = "form-error";
    place.setAttribute("role", "alert");
    this.prepend(place);
    place.textContent = sentence;
  }
}

customElements.define("feed-address", FeedAddress);
