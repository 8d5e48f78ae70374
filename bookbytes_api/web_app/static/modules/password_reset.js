/** `<password-reset>` around the form for a new password and a sentence for those who come without a whole link. */
import { api } from "./api.js";

class PasswordReset extends HTMLElement {
  connectedCallback() {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    history.replaceState(null, "", location.pathname); // the token stays out of the history and of screenshots
    const form = this.querySelector("form");
    if (token === null || form === null) {
      return;
    }
    this.querySelector("[data-without-token]")?.remove();
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send(form, token);
    });
  }

  /**
   * @param {HTMLFormElement} form
   * @param {string} token
   */
  async send(form, token) {
    const problem = /** @type {HTMLElement} */ (this.querySelector(".form-error"));
    const button = form.querySelector("button");
    if (button?.hasAttribute("aria-disabled")) {
      return;
    }
    button?.setAttribute("aria-disabled", "true");
    try {
      await api("POST", "/api/v1/auth/password-reset", { token, new_password: new FormData(form).get("new_password") });
      form.hidden = problem.hidden = true;
      const done = /** @type {HTMLElement} */ (this.querySelector("[data-done]"));
      done.hidden = false;
      done.querySelector("a")?.focus();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
    } finally {
      button?.removeAttribute("aria-disabled");
    }
  }
}

customElements.define("password-reset", PasswordReset);
