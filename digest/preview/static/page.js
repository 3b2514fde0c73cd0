// The page of the preview: asks the server for frames and for the desk, and sends what the editor does.
// Knows no rule of an issue; every text it shows comes from the server.
"use strict";

const find = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const { issue, token, run } = document.body.dataset;
const STORE = "digest preview";
const WIDE = 1600;
const NARROW = 240;
const STEP = 10;
const PATIENCE = 60;
const DESK_WAITS = 400;

// --- how the letter is looked at -------------------------------------------------------------------------------------

const look = { view: "letter", width: "full", scheme: "light", images: "on", styles: "on", text: "100", outlook: "off", target: "" };

function remember() {
  try { localStorage.setItem(STORE, JSON.stringify(look)); } catch { /* a browser that keeps nothing */ }
}

function recall() {
  try { Object.assign(look, JSON.parse(localStorage.getItem(STORE) || "{}")); } catch { /* damaged: the defaults */ }
}

function showControls() {
  for (const input of all(".bar input")) {
    input.checked = look[input.name] === input.value;
  }
  document.body.dataset.view = look.view;
  const targets = find("#targets");
  targets.value = look.target;
  if (targets.selectedIndex < 0) targets.value = look.target = "";
  const remarks = targets.selectedOptions[0].dataset.remarks ?? "";
  find("#remarks").textContent = remarks;
  find("#remarks").hidden = !remarks;
}

function address() {
  const { view, width, ...how } = look;
  return `/frame/${issue}/${view}?${new URLSearchParams(how)}`;
}

// --- the frame: a second one is loaded behind the first, and takes its place at the same height ----------------------

let frame = find("#frame");
let waiting = null;
let swapped = () => {};

// Load the letter; the promise is kept when it is shown, or another one is asked for instead.
function loaded(letter) {
  load(letter);
  return new Promise((resolve) => { swapped = resolve; });
}

function load(letter, { keep = true } = {}) {
  const next = frame.cloneNode(false);
  swapped();
  if (waiting) waiting.remove();
  waiting = next;
  next.removeAttribute("id");
  next.dataset.letter = letter;
  next.classList.add("behind");
  next.setAttribute("aria-hidden", "true");
  next.tabIndex = -1;
  next.src = address();
  find("#device").append(next);
  const top = keep ? frame.contentWindow?.scrollY ?? 0 : 0;
  // Pictures from far away must not hold up the words: those not there soon after the words come later.
  const watch = setInterval(() => {
    const page = next.contentDocument;
    if (waiting !== next) return clearInterval(watch);
    if (page?.URL === next.src && page.readyState !== "loading") {
      clearInterval(watch);
      setTimeout(swap, PATIENCE, next, top);
    }
  }, 10);
  next.addEventListener("load", () => {
    clearInterval(watch);
    if (waiting === next) swap(next, top);
    else if (frame === next && Math.abs(next.contentWindow.scrollY - at) < 2) next.contentWindow.scrollTo(0, top);
  }, { once: true });
}

let at = 0; // where the frame was put when it was shown

function swap(next, top) {
  if (waiting !== next) return;
  next.contentWindow.scrollTo(0, top);
  at = next.contentWindow.scrollY;
  const focused = document.activeElement === frame;
  frame.remove();
  frame = next;
  waiting = null;
  next.classList.remove("behind");
  next.removeAttribute("aria-hidden");
  next.removeAttribute("tabindex");
  next.id = "frame";
  if (focused) next.focus();
  document.body.dataset.shown = next.dataset.letter;
  swapped();
}

function setWidth(width) {
  look.width = String(width);
  const device = find("#device");
  device.style.width = look.width === "full" ? "100%" : `${look.width}px`;
  const pixels = Math.round(frame.getBoundingClientRect().width);
  find("#grip").setAttribute("aria-valuenow", String(pixels));
  find("#measure").textContent = `${pixels} px`;
  for (const input of all("input[name=width]")) input.checked = input.value === look.width;
  remember();
}

for (const input of all(".bar input")) {
  input.addEventListener("change", () => {
    if (input.name === "width") return setWidth(input.value);
    look[input.name] = input.type === "radio" || input.checked ? input.value : input.dataset.off;
    remember();
    showControls();
    load(find("#desk").dataset.letter, { keep: input.name !== "view" });
  });
}

find("#targets").addEventListener("change", (event) => {
  look.target = event.target.value;
  remember();
  showControls();
  load(find("#desk").dataset.letter);
});

const grip = find("#grip");
grip.addEventListener("pointerdown", (event) => {
  const start = event.clientX;
  const before = frame.getBoundingClientRect().width;
  grip.setPointerCapture(event.pointerId);
  document.body.classList.add("dragging");
  const drag = (move) => {
    // The letter stands in the middle: a step of the hand is two of the width.
    setWidth(Math.round(Math.min(WIDE, Math.max(NARROW, before + 2 * (move.clientX - start)))));
  };
  grip.addEventListener("pointermove", drag);
  grip.addEventListener("lostpointercapture", () => {
    grip.removeEventListener("pointermove", drag);
    document.body.classList.remove("dragging");
  }, { once: true });
});
grip.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
  if (!by) return;
  event.preventDefault();
  const width = frame.getBoundingClientRect().width + by;
  setWidth(Math.round(Math.min(WIDE, Math.max(NARROW, width))));
});

function showStory(url) {
  const page = frame.contentDocument;
  const link = all("a[href]", page).find((one) => one.href === url || one.getAttribute("href") === url);
  if (!link) return say("That story is not in this view.");
  link.scrollIntoView({ block: "center" });
  link.style.outline = "3px solid #f59e0b";
  link.style.outlineOffset = "4px";
  setTimeout(() => { link.style.outline = ""; }, 1600);
}

// Bring the reader to another part of the page, and the keyboard with them.
function goTo(part) {
  if (!part) return say("That is not on the desk.");
  part.scrollIntoView({ block: "center" });
  part.focus({ preventScroll: true });
}

// --- new pictures from the server ------------------------------------------------------------------------------------

let version = Number(find("#status").dataset.version);
let coming = { version, parts: Promise.resolve() };
let shown = Promise.resolve(); // when the letter that is asked for last stands there

// Show a picture that the server has told of, once: the letter, and then the desk. The two share the browser's one
// thread, and asked for together the letter would stand there later and the desk no sooner.
function show(picture) {
  const { letter } = (waiting ?? frame).dataset;
  if (picture.letter && picture.letter !== letter && find("#desk").dataset.live === "yes") {
    shown = Promise.race([loaded(picture.letter), wait(DESK_WAITS)]);
  }
  if (picture.version !== coming.version) coming = { version: picture.version, parts: shown.then(refresh) };
  return coming.parts;
}

const wait = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function refresh() {
  const answer = await fetch(`/desk?issue=${issue}`).catch(() => null);
  if (!answer?.ok) return;
  const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (unanswered) return; // the desk is ahead of the server; its answer brings the next one
  if (Number(parts.getElementById("status").dataset.version) < version) return;
  const key = document.activeElement?.dataset?.key;
  const words = find("#words")?.value ?? "";
  const scroll = find("#desk").scrollTop;
  for (const id of ["status", "row", "desk"]) find(`#${id}`).replaceWith(parts.getElementById(id));
  version = Number(find("#status").dataset.version);
  find("#desk").scrollTop = scroll;
  if (words) { find("#words").value = words; search(); }
  if (key) focusKey(key);
  for (const node of all("details.next")) node.open = !closed.has(node.parentElement.dataset.section);
}

function focusKey(key) {
  const same = all("[data-key]").find((one) => one.dataset.key === key && !one.disabled);
  (same ?? find("#desk")).focus({ preventScroll: Boolean(same) });
}

function listen() {
  const events = new EventSource("/events");
  events.addEventListener("picture", (event) => {
    const picture = JSON.parse(event.data);
    document.body.classList.remove("lost");
    if (run && picture.run !== run) return location.reload();
    show(picture);
  });
  events.addEventListener("error", () => document.body.classList.add("lost"));
}

let quiet = 0;

function say(message) {
  const line = find("#say");
  line.textContent = message;
  line.classList.add("shown");
  clearTimeout(quiet);
  quiet = setTimeout(() => line.classList.remove("shown"), 7000);
}

// --- the desk --------------------------------------------------------------------------------------------------------

const closed = new Set();

async function send(path, asked) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Digest-Token": token },
      body: JSON.stringify(asked),
    });
  } catch {
    return { ok: false, error: "The preview does not answer; nothing was changed." };
  }
  const told = answer.headers.get("Content-Type")?.startsWith("application/json")
    ? await answer.json() : { error: await answer.text() };
  return { ...told, ok: answer.ok, conflict: answer.status === 409 };
}

// What the editor does is sent one after another, and each stands on the file that the one before has left.
let doing = Promise.resolve();
let unanswered = 0;

function inTurn(send) {
  unanswered += 1;
  const done = doing.then(send).finally(() => { unanswered -= 1; });
  doing = done.then(() => {}, () => {});
  return done;
}

async function told(path, asked) {
  const answer = await inTurn(async () => {
    const answer = await send(path, asked());
    if (answer.ok) {
      find("#desk").dataset.base = answer.base;
      version = Math.max(version, answer.version); // a desk from before is not shown any more
    }
    return answer;
  });
  const parts = answer.ok ? show(answer) : refresh();
  await shown;
  say(answer.ok ? answer.message : answer.error);
  await parts;
  return answer;
}

const known = () => find("#desk").dataset.base;
const act = (asked, base = known) => told("/edit", () => ({ base: base(), ...asked }));

const paths = (list) => all(":scope > .card", list).map((card) => card.dataset.story);

// Move a card at once; what it stands there for comes with the desk.
function place(card, to) {
  const list = card.parentElement;
  const focused = document.activeElement;
  card.remove();
  list.insertBefore(card, list.children[to] ?? null);
  for (const [number, handle] of all(":scope > .card > .handle", list).entries()) {
    handle.ariaLabel = handle.ariaLabel?.replace(/\d+/, number + 1);
  }
  focused.focus({ preventScroll: true });
}

async function reorder(card, by) {
  const list = card.parentElement;
  const stories = paths(list);
  const from = stories.indexOf(card.dataset.story);
  const to = from + by;
  if (by === 0) return;
  if (to < 0 || to >= stories.length) return say(by < 0 ? "It is the first." : "It is the last.");
  stories.splice(to, 0, ...stories.splice(from, 1));
  place(card, to);
  const answer = await act({ action: "order", section: list.dataset.section, stories });
  if (!answer.ok && card.isConnected) place(card, from);
}

const DIALOGS = {
  drop: (dialog, { story, title }) => {
    find(".about", dialog).textContent = title;
    return (values) => ({ action: "drop", story, reason: values.reason });
  },
  move: (dialog, { story, title, section }) => {
    find(".about", dialog).textContent = title;
    const fresh = all("#desk .picks").map((list) => list.dataset.section);
    const choices = find(".choices", dialog);
    const legend = find("legend", choices);
    choices.replaceChildren(legend, ...fresh.map((name) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "radio", name: "section", value: name, required: true });
      input.checked = name === section;
      label.append(input, ` ${name}`);
      return label;
    }));
    return (values) => ({ action: values.pin ? "pin" : "move", story, section: values.section });
  },
  change: (dialog, { story, title, excerpt }) => {
    find("[name=title]", dialog).value = title;
    find("[name=excerpt]", dialog).value = excerpt;
    return (values) => ({ action: "change", story, title: values.title, excerpt: values.excerpt });
  },
  text: (dialog, { text, value, hint }) => {
    const name = text[0].toUpperCase() + text.slice(1);
    find("h2", dialog).textContent = name;
    find("#text-label").textContent = name;
    const area = find("textarea", dialog);
    area.value = value;
    area.rows = text === "introduction" ? 8 : 3;
    find(".hint", dialog).textContent = text === "introduction"
      ? "Markdown, before the stories. An empty field leaves it out."
      : `An empty field takes the usual one${value ? "" : `: “${hint}”`}.`;
    return (values) => ({ action: "words", key: text, text: values.text });
  },
};

function open(name, button) {
  const dialog = find(`#${name}`);
  const form = find("form", dialog);
  const trouble = find(".trouble", dialog);
  form.reset();
  trouble.hidden = true;
  const key = button.dataset.key;
  const asked = DIALOGS[name](dialog, button.dataset);
  let base = known(); // what the words are written for: the file as it is now, or as what is under way leaves it
  doing.then(() => { base = known(); });
  form.onsubmit = async (event) => {
    event.preventDefault();
    const answer = await act(asked(Object.fromEntries(new FormData(form))), () => base);
    if (answer.ok) {
      dialog.close();
      focusKey(key);
      return;
    }
    trouble.textContent = answer.conflict
      ? `${answer.error}. Your words are still here; saving again writes them over what is there now.` : answer.error;
    trouble.hidden = false;
    if (answer.conflict) base = known();
  };
  dialog.showModal();
}

const DO = {
  undo: () => told("/undo", () => ({})),
  pin: (button) => act({ action: "pin", story: button.dataset.story, section: button.dataset.section }),
  release: (button) => act({ action: "release", story: button.dataset.story }),
  show: (button) => showStory(button.dataset.url),
  finding: (button) => goTo(find(`#finding-${button.dataset.number}`)),
  concerned: (button) => {
    const { about, url } = button.dataset;
    if (about === "headers") return find(".bar input[value=message]").click();
    goTo(all("[data-concern]").find((one) => one.dataset.concern === about));
    if (url && look.view === "letter") showStory(url);
  },
  cancel: (button) => button.closest("dialog").close(),
  handle: () => {},
  drop: (button) => open("drop", button),
  move: (button) => open("move", button),
  change: (button) => open("change", button),
  text: (button) => open("text", button),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) DO[button.dataset.do](button);
});

document.addEventListener("keydown", (event) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (by && event.target.classList?.contains("handle")) {
    event.preventDefault();
    reorder(event.target.closest(".card"), by);
  }
  const typing = event.target.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, dialog");
  if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !typing && token) {
    event.preventDefault();
    DO.undo();
  }
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details.next")) return;
  const { section } = event.target.parentElement.dataset;
  if (event.target.open) closed.delete(section); else closed.add(section);
}, true);

// Drag and drop: within a section it is the order, into another one it is a pin at that place.

let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".card[draggable]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.story);
  dragged.classList.add("dragged");
});

function target(event) {
  const list = dragged && event.target.closest?.(".picks, .shelf")?.closest(".shelf")?.querySelector(".picks");
  if (!list) return null;
  const others = all(":scope > .card", list).filter((card) => card !== dragged);
  const before = others.find((card) => {
    const { top, height } = card.getBoundingClientRect();
    return event.clientY < top + height / 2;
  });
  return { list, before, place: before ? others.indexOf(before) : others.length, others };
}

document.addEventListener("dragover", (event) => {
  const where = target(event);
  all(".into, .after").forEach((card) => card.classList.remove("into", "after"));
  if (!where) return;
  event.preventDefault();
  if (where.before) where.before.classList.add("into");
  else where.others.at(-1)?.classList.add("after");
});

document.addEventListener("drop", (event) => {
  const where = target(event);
  if (!where) return;
  event.preventDefault();
  const { story } = dragged.dataset;
  const { section } = where.list.dataset;
  if (dragged.parentElement === where.list) {
    reorder(dragged, where.place - paths(where.list).indexOf(story));
  } else {
    act({ action: "pin", story, section, position: where.place + 1 });
  }
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  all(".into, .after").forEach((card) => card.classList.remove("into", "after"));
});

let typed = 0;

async function search() {
  const words = find("#words").value.trim();
  const number = ++typed;
  const html = words ? await (await fetch(`/search?words=${encodeURIComponent(words)}`)).text() : "";
  if (number !== typed) return;
  const found = new DOMParser().parseFromString(html, "text/html");
  find("#found").replaceChildren(...found.body.childNodes);
}

document.addEventListener("input", (event) => { if (event.target.id === "words") search(); });
document.addEventListener("submit", (event) => { if (event.target.id === "search") event.preventDefault(); });

find("#issues").addEventListener("change", (event) => location.assign(`/?issue=${event.target.value}`));
new ResizeObserver(() => { find("#measure").textContent = `${Math.round(frame.getBoundingClientRect().width)} px`; })
  .observe(find("#device"));

recall();
showControls();
setWidth(look.width);
load(find("#desk").dataset.letter, { keep: false });
listen();
