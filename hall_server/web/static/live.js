// What all live pages share: the event stream, the stale mark, texts in the page's language.

const texts = JSON.parse(document.getElementById("texts").textContent);

export function say(text, values = {}) {
  return Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), texts[text] ?? text);
}

export function range(wait) {
  if (!wait) return say("not known yet");
  const low = Math.floor(wait.low / 60);
  const high = Math.max(Math.ceil(wait.high / 60), low + 1);
  return say("{low}–{high} min", { low, high });
}

export function put(node, text) {
  if (node && node.textContent !== String(text)) node.textContent = text;
}

export function servingNodes(serving) {
  if (!serving.length) return ["–"];
  return serving.flatMap(({ label, window }) => {
    const span = document.createElement("span");
    span.className = "label";
    span.textContent = label;
    return [span, `→${window} `];
  });
}

// What is wrong with each followed stream, by path; a page that follows several shows one of them.
const wrong = new Map();

function tell(path, trouble) {
  wrong.set(path, trouble);
  const stale = document.getElementById("stale");
  const first = [...wrong.values()].find(Boolean);
  stale.hidden = !first;
  if (first) put(stale, first);
}

// Follows a stream. Age is counted on this device's own monotonic clock from the moment of arrival, so that a phone
// with a wrong clock neither hides old data nor doubts new ones.
export function follow(path, event, show, maxAgeSeconds = 60) {
  let arrived = performance.now();
  let told = document.getElementById("generated")?.textContent ?? "";
  const source = new EventSource(path);
  source.addEventListener(event, (message) => {
    const data = JSON.parse(message.data);
    arrived = performance.now();
    told = (data.generated_at ?? data.at ?? "").slice(11, 19) || told;
    put(document.getElementById("generated"), told);
    show(data);
    check();
  });
  function check() {
    const age = performance.now() - arrived;
    if (age > maxAgeSeconds * 1000) tell(path, say("Stale: data of {time}", { time: told }));
    else if (source.readyState !== EventSource.OPEN && age > 5000) tell(path, say("No connection; trying again"));
    else tell(path, "");
  }
  setInterval(check, 1000);
}
