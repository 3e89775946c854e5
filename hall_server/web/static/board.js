import { follow, put } from "./live.js";
import { showQueues } from "./queues.js";

const calls = document.getElementById("calls");

function row(call, newest) {
  const line = document.createElement("tr");
  if (newest) line.className = "newest";
  [call.label, call.window, call.zone].forEach((text, index) => {
    const cell = document.createElement("td");
    if (index === 0) cell.className = "label";
    cell.textContent = text;
    line.append(cell);
  });
  return line;
}

follow("/api/v1/board/stream", "board", (board) => {
  if (board.calls.length) calls.replaceChildren(...board.calls.map((call, index) => row(call, index === 0)));
}, Infinity);

follow("/api/v1/progress/stream", "progress", (progress) => {
  put(document.getElementById("clock"), progress.generated_at.slice(11, 16));
  showQueues(progress);
});

// Each announcement is one sound, said by all main displays at the same time. A browser that makes no sound before
// somebody has touched its page says so with a button.
const button = document.getElementById("sound");
if (button) {
  const player = new Audio();
  const play = () => player.play().then(() => { button.hidden = true; }, (error) => { button.hidden = error.name !== "NotAllowedError"; });
  button.addEventListener("click", play);
  let said = null;
  new EventSource("/api/v1/board/voice/stream").addEventListener("voice", (message) => {
    const { sound } = JSON.parse(message.data);
    // A stream that has been away begins with what it said last.
    if (!sound || sound === said) return;
    said = player.src = sound;
    play();
  });
}
