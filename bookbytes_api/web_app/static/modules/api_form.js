/**
 * `<api-form method="PUT" action="/api/v1/...">` around a form: sends its fields as JSON instead of loading a page.
 *
 * Attributes: `confirm` is asked first; `done` is said afterwards; `then` is the page that follows, or `refresh`. What
 * went wrong is shown above the first field. Empty fields are left out, unless they say
 * `data-empty="sent"`; numbers and checkboxes keep their kind.
 */
import { announce } from "./announcements.js";
import { api } from "./api.js";
import { refresh, visit } from "./navigation.js";

class ApiForm extends HTMLElement {
  connectedCallback() {
    this.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send(/** @type {HTMLFormElement} */ (event.currentTarget));
    });
  }

  /** @param {HTMLFormElement} form */
  async send(form) {
    const button = form.querySelector("button[type=submit], button:not([type])");
    const question = this.getAttribute("confirm");
    if (button?.hasAttribute("aria-disabled") || (question !== null && !confirm(question))) {
      return;
    }
    button?.setAttribute("aria-disabled", "true"); // one that is disabled would lose the focus
    try {
      const fields = fieldsOf(form);
      const body = Object.keys(fields).length ? fields : undefined;
      const answer = await api(this.getAttribute("method") ?? "POST", this.getAttribute("action") ?? "", body);
      this.show("");
      this.dispatchEvent(new CustomEvent("api-done", { bubbles: true, detail: answer }));
      await this.goOn(form);
    } catch (error) {
      this.show(error instanceof Error ? error.message : String(error));
    } finally {
      button?.removeAttribute("aria-disabled");
    }
  }

  /** @param {HTMLFormElement} form */
  async goOn(form) {
    const next = this.getAttribute("then");
    if (next === "refresh") {
      await refresh();
    } else if (next !== null) {
      await visit(next);
    } else {
      form.reset();
    }
    announce(this.getAttribute("done") ?? "");
  }

  /** @param {string} message */
  show(message) {
    let place = this.querySelector(".form-error");
    if (place === null) {
      place = document.createElement("p");
      place.className = "form-error";
      place.setAttribute("role", "alert");
      this.prepend(place);
    }
    place.textContent = message;
    place.toggleAttribute("hidden", message === "");
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string | number | boolean>}
 */
export function fieldsOf(form) {
  /** @type {Record<string, string | number | boolean>} */
  const fields = {};
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && control.name && control.type === "checkbox") {
      fields[control.name] = control.checked;
    } else if (control instanceof HTMLInputElement && control.name && control.value && ["number", "range"].includes(control.type)) {
      fields[control.name] = control.valueAsNumber;
    } else if ((control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement) && control.name && (control.value || control.dataset.empty === "sent")) {
      fields[control.name] = control.value;
    }
  }
  return fields;
}

customElements.define("api-form", ApiForm);
