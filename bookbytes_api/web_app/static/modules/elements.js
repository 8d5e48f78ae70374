/**
 * Elements of single pages that have nothing to press until they start, or in which whatever is pressed before works
 * without them: the module of each is loaded when the first one of it appears, so that the other pages are lighter. All
 * other elements are imported by `main.js`.
 */

/** @type {Record<string, string>} */
const MODULES = {
  "barcode-scanner": "./barcode.js",
  "book-download": "./book_download.js",
  "book-remake": "./book_remake.js",
  "chapter-summary": "./chapter_summary.js",
  "job-progress": "./job_progress.js",
  "keep-book": "./offline/keep_book.js",
  "kept-books": "./offline/kept_books.js",
  "read-along": "./read_along.js",
};

function load() {
  for (const { localName } of document.querySelectorAll(":not(:defined)")) {
    const module = MODULES[localName];
    if (module !== undefined) {
      import(module).catch((error) => console.info(`${localName} does not start:`, error));
    }
  }
}

export function startElements() {
  load();
  new MutationObserver(load).observe(document.body, { childList: true, subtree: true });
}
