/**
 * `<barcode-scanner>`: reads the barcode of a book with the camera, where the browser can.
 * @typedef {{detect: (source: HTMLVideoElement) => Promise<{rawValue: string}[]>}} Detector
 * @typedef {{new (options: {formats: string[]}): Detector, getSupportedFormats: () => Promise<string[]>}} DetectorClass
 */
import { visit } from "./navigation.js";

const FORMAT = "ean_13";
const EVERY_MS = 200;

class BarcodeScanner extends HTMLElement {
  /** @type {MediaStream | null} */
  stream = null;

  async connectedCallback() {
    const dialog = this.querySelector("dialog");
    this.querySelector("button")?.addEventListener("click", () => void this.scan());
    dialog?.addEventListener("close", () => this.stop());
    this.hidden = !(await canScan());
  }

  disconnectedCallback() {
    this.stop();
  }

  async scan() {
    const [dialog, video] = [this.querySelector("dialog"), this.querySelector("video")];
    if (dialog === null || video === null) {
      return;
    }
    this.say("");
    dialog.showModal();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (!dialog.open || !this.isConnected) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.stream = stream;
      video.srcObject = stream;
      await video.play();
      const isbn = await this.read(video);
      if (isbn !== null) {
        dialog.close();
        await visit(`/add/${isbn}`);
      }
    } catch (error) {
      this.stop();
      this.say(sentenceOf(error));
    }
  }

  /**
   * @param {HTMLVideoElement} video
   * @returns {Promise<string | null>} the ISBN that is seen first, null if the camera is stopped before
   */
  async read(video) {
    const detector = new (detectorClass())({ formats: [FORMAT] });
    while (this.stream !== null) {
      const seen = (await detector.detect(video)).find((code) => isISBN(code.rawValue));
      if (seen !== undefined) {
        return seen.rawValue;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return null;
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  /** @param {string} problem */
  say(problem) {
    const place = this.querySelector(".form-error");
    if (place !== null) {
      place.textContent = problem;
      place.toggleAttribute("hidden", problem === "");
    }
  }
}

/** @param {string} code */
export function isISBN(code) {
  return /^97[89]\d{10}$/.test(code);
}

/** @returns {DetectorClass} */
function detectorClass() {
  return /** @type {any} */ (globalThis).BarcodeDetector;
}

async function canScan() {
  const isThere = "BarcodeDetector" in globalThis && navigator.mediaDevices !== undefined;
  return isThere && (await detectorClass().getSupportedFormats()).includes(FORMAT);
}

/** @param {unknown} error */
function sentenceOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") {
    return "The camera may not be used. Allow it for this site in the browser's settings, or type the ISBN.";
  }
  if (name === "NotFoundError") {
    return "This device has no camera. Type the ISBN: it is printed beside the barcode.";
  }
  return "The camera does not work at the moment. Type the ISBN: it is printed beside the barcode.";
}

customElements.define("barcode-scanner", BarcodeScanner);
