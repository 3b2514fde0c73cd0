// Searches all stories in the browser. Every word it shows is set as text, never as mark-up.
"use strict";

const form = document.getElementById("search");
const words = document.getElementById("words");
const found = document.getElementById("found");
const count = document.getElementById("count");
const MOST = 50;
let index = null;

function load() {
  index ??= fetch(words.dataset.index).then((answer) => answer.json());
  return index;
}

function line(issue, [title, provider, section]) {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: issue.url, textContent: title });
  const about = Object.assign(document.createElement("span"), { textContent: `${provider} · ${section} · ${issue.id}` });
  item.append(link, " ", about);
  return item;
}

async function search() {
  const wanted = words.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const all = wanted.length ? await load() : [];
  const hits = all.flatMap((issue) => issue.stories.map((story) => [issue, story])).filter(([, story]) => {
    const text = story.join(" ").toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  found.replaceChildren(...hits.slice(0, MOST).map(([issue, story]) => line(issue, story)));
  count.textContent = wanted.length ? `${hits.length} ${hits.length === 1 ? "story" : "stories"}` : "";
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
words.addEventListener("input", search);
words.addEventListener("focus", load, { once: true });
