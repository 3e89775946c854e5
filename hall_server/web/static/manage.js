// The managers' page, made anew by the server whenever something has changed; never under somebody's fingers.

import { follow } from "./live.js";

const PAUSE_MS = 4000;
let last = 0;
let due = null;

async function refresh() {
  due = null;
  const live = document.getElementById("live");
  if (live.querySelector("form :focus")) return later();
  if ([...live.querySelectorAll("input[name=text]")].some((field) => field.value)) return later();
  last = performance.now();
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  if (fresh) live.replaceChildren(...fresh.childNodes);
  else location.reload();
}

function later() {
  due ??= setTimeout(refresh, Math.max(500, last + PAUSE_MS - performance.now()));
}

follow("/api/v1/progress/stream", "progress", later);
