import { follow, put, range, say, servingNodes } from "./live.js";

const token = document.getElementById("script").dataset.token;

follow(`/api/v1/tickets/${encodeURIComponent(token)}/stream`, "ticket", (ticket) => {
  const call = document.getElementById("call");
  call.hidden = !ticket.window;
  if (ticket.window) {
    put(call, ticket.state === "serving" ? say("You are being served") : say("Please go to window {window}", { window: ticket.window }));
  }
  put(document.getElementById("state"), say(ticket.state));
  put(document.getElementById("ahead"), ticket.ahead ?? "–");
  put(document.getElementById("est"), ticket.ahead === null ? "–" : range(ticket.est_wait_s));
  document.getElementById("serving").replaceChildren(...servingNodes(ticket.now_serving));
  document.getElementById("give-up").hidden = !ticket.cancellable;
});
