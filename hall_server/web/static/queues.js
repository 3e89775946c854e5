// The queues of a progress picture in rows marked data-queue with cells marked data-field.

import { put, range, say, servingNodes } from "./live.js";

export function showQueues(progress) {
  for (const queue of progress.queues) {
    const row = document.querySelector(`[data-queue="${CSS.escape(queue.queue_id)}"]`);
    if (!row) continue;
    const cell = (name) => row.querySelector(`[data-field="${name}"]`);
    put(cell("waiting"), queue.waiting);
    put(cell("est"), range(queue.est_wait_s));
    put(cell("status"), say(queue.status) + (queue.issuing ? "" : ` · ${say("no tickets now")}`));
    cell("serving")?.replaceChildren(...servingNodes(queue.now_serving));
    if (row.matches(".queue")) row.className = `queue ${queue.status}`;
  }
}
