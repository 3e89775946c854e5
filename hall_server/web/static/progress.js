import { follow, put } from "./live.js";
import { showQueues } from "./queues.js";

let state = document.getElementById("status").classList[1];

follow("/api/v1/progress/stream", "progress", (progress) => {
  // The sentence about the hall's state comes from the server, in the page's language.
  if (progress.state !== state) location.reload();
  state = progress.state;
  put(document.getElementById("total-waiting"), progress.totals.waiting);
  put(document.getElementById("total-open"), progress.totals.windows_open);
  showQueues(progress);
});
