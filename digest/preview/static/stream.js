// @ts-check
/** The server's events: each new state of the issue, and whether there is a server at all. */

/**
 * Listen for new states; the browser connects again by itself when the line breaks.
 *
 * @param {string} run names the run of the server that rendered this page; empty where the page cannot write
 * @param {(announcement: import("./updates.js").Announcement) => void} onState called with each state
 */
export function listen(run, onState) {
  const events = new EventSource("/events");
  events.addEventListener("snapshot", (event) => {
    const state = JSON.parse(event.data);
    document.body.classList.remove("lost");
    if (run && state.run !== run) {
      // The server was started again, and takes no edit with the token of this page any more.
      location.reload();
      return;
    }
    onState(state);
  });
  events.addEventListener("error", () => document.body.classList.add("lost"));
}
