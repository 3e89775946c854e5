import { follow, put, say } from "./live.js";

const number = document.getElementById("script").dataset.window;
const status = document.getElementById("status");

follow(`/api/v1/windows/${encodeURIComponent(number)}/stream`, "window", (window) => {
  put(document.getElementById("label"), window.label ?? "");
  put(status, say(window.label ? window.state : window.status));
  status.className = `status ${window.status}`;
  document.body.dataset.calls = window.calls;
}, Infinity);
