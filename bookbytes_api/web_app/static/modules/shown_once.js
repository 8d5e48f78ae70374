/**
 * `<shown-once field="token">` around an `<api-form>` and a hidden part with `[data-secret]`: shows this field of the
 * answer there in place of the form, because the server keeps no copy that it could show again.
 */
import { refresh } from "./navigation.js";

class ShownOnce extends HTMLElement {
  connectedCallback() {
    this.addEventListener("api-done", (event) => this.show(/** @type {CustomEvent} */ (event).detail));
    this.querySelector("[data-close]")?.addEventListener("click", () => this.close());
  }

  /** The page then lists what was made, once nothing on it would be lost by that. */
  close() {
    if (document.querySelectorAll("shown-once > :not(api-form, [hidden])").length === 1) {
      void refresh();
    } else {
      this.replaceChildren();
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  }

  /** @param {Record<string, string>} answer */
  show(answer) {
    const secret = this.querySelector("[data-secret]");
    const part = /** @type {HTMLElement | null} */ (this.querySelector(":scope > [hidden]"));
    if (secret === null || part === null) {
      return;
    }
    secret.textContent = answer[this.getAttribute("field") ?? ""] ?? "";
    this.querySelector("api-form")?.setAttribute("hidden", "");
    part.hidden = false;
    part.tabIndex = -1;
    part.focus();
  }
}

customElements.define("shown-once", ShownOnce);
