/** `<chapter-summary data-evidence="/api/v1/...">`: once it is opened, each sentence opens the passage behind it. */
import { api } from "./api.js";

/** Of right sentences none has less support, of foreign ones one in eight: docs/reference/truth.md. */
const LITTLE_SUPPORT = 0.15;

/** @typedef {{sentence: string, support: number, spans: {quote: string}[]}} Evidence */

class ChapterSummary extends HTMLElement {
  connectedCallback() {
    const details = this.querySelector("details");
    if (details?.open) {
      void this.#load();
    } else {
      details?.addEventListener("toggle", () => void this.#load(), { once: true });
    }
  }

  async #load() {
    const address = this.dataset["evidence"];
    const text = this.querySelector(".text");
    if (address === undefined || text === null) {
      return;
    }
    const hint = document.createElement("p");
    hint.className = "quiet";
    hint.lang = "en";
    hint.dir = "ltr";
    text.before(hint);
    try {
      /** @type {{sentences: Evidence[]}} */
      const { sentences } = await api("GET", address);
      if (sentences.length === 0) {
        hint.textContent = "For this chapter it is not known which passages its sentences rest on.";
        return;
      }
      hint.textContent = "Open a sentence to see where the book says this. Passages are found by their wording: they show where to look, and prove nothing.";
      text.replaceChildren(...sentences.map(sentenceWithPassage));
    } catch (error) {
      hint.textContent = `The passages cannot be shown. ${error instanceof Error ? error.message : ""}`;
    }
  }
}

/**
 * @param {Evidence} evidence
 * @returns {HTMLElement}
 */
function sentenceWithPassage(evidence) {
  const details = document.createElement("details");
  details.className = "sentence";
  const sentence = document.createElement("summary");
  sentence.textContent = evidence.sentence;
  details.append(sentence);
  if (evidence.support < LITTLE_SUPPORT) {
    const doubt = document.createElement("p");
    doubt.className = "note warning";
    doubt.lang = "en";
    doubt.dir = "ltr";
    doubt.textContent = "Hardly any word of this sentence is in the chapter. Look into the book before you rely on it.";
    details.append(doubt);
  }
  for (const span of evidence.spans) {
    const passage = document.createElement("blockquote");
    passage.textContent = span.quote;
    details.append(passage);
  }
  return details;
}

customElements.define("chapter-summary", ChapterSummary);
