// @ts-check
/**
 * The page while there is no issue yet: loads itself anew when the reason is another one, or the issue is there.
 * It stands alone, as the page has none of the parts that the other modules work on.
 */

/** @type {string | null} */
let reason = null;
const events = new EventSource("/events");
events.addEventListener("trouble", (event) => {
  // The first event repeats what the page already says; only a different reason needs another page.
  if (reason !== null && reason !== event.data) location.reload();
  reason = event.data;
});
events.addEventListener("snapshot", () => location.reload());
events.addEventListener("error", () => document.body.classList.add("lost"));
events.addEventListener("open", () => document.body.classList.remove("lost"));
