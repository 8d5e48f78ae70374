/** What `/service-worker.js` says before it loads the scripts of the worker. */
declare const SHELL: { version: string; addresses: string[] };
