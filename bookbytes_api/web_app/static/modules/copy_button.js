/**
 * `<copy-button for="ID">` around a button copies the text of the element with this id, or the value of the field.
 *
 * Where the browser has no clipboard, as on pages without TLS, the text is selected instead, to be copied by hand.
 */
import { announce } from "./announcements.js";

const SAID_MS = 3000;

class CopyButton extends HTMLElement {
  saying = 0;

  connectedCallback() {
    const button = this.querySelector("button");
    const label = [...(button?.childNodes ?? [])];
    button?.addEventListener("click", async () => {
      if (await copied(document.getElementById(this.getAttribute("for") ?? ""))) {
        button.replaceChildren("Copied");
        clearTimeout(this.saying);
        this.saying = setTimeout(() => button.replaceChildren(...label), SAID_MS);
      }
    });
  }

  disconnectedCallback() {
    clearTimeout(this.saying);
  }
}

/**
 * @param {HTMLElement | null} source
 * @returns {Promise<boolean>} whether it is in the clipboard
 */
async function copied(source) {
  if (source === null) {
    return false;
  }
  const isField = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement;
  try {
    await navigator.clipboard.writeText(isField ? source.value : source.textContent.trim());
    announce("Copied.");
    return true;
  } catch {
    isField ? source.select() : getSelection()?.selectAllChildren(source);
    announce("This browser does not let pages copy. The text is selected now: copy it yourself.");
    return false;
  }
}

customElements.define("copy-button", CopyButton);
