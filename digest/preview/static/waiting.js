// The page before there is an issue: asks again when the trouble is another one, or the issue is there.
"use strict";

let known = null;
const events = new EventSource("/events");
events.addEventListener("trouble", (event) => {
  if (known !== null && known !== event.data) location.reload();
  known = event.data;
});
events.addEventListener("picture", () => location.reload());
events.addEventListener("error", () => document.body.classList.add("lost"));
events.addEventListener("open", () => document.body.classList.remove("lost"));
