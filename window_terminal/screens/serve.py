"""The main screen: queues on the left, the current ticket with its story on the right, keys below."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Static

from hall_protocol.messages import Queues, StaffTicket, Text, WindowStaffView, said
from window_terminal.actions import ACTIONS
from window_terminal.words import plain

STORY_LINES = 6


class ServeScreen(Screen[None]):
    """What a member of staff looks at all day. Shows what the hall has published, never what was only pressed."""

    class Ready(Message):
        """The screen can be drawn on."""

    def __init__(self, words: dict[str, str], language: str) -> None:
        super().__init__()
        self._words = words
        self._language = language
        self._rows: set[str] = set()
        self.ready = False

    def compose(self) -> ComposeResult:
        """Head, two columns, message, keys."""
        yield Static("", id="head")
        with Horizontal(id="body"):
            yield DataTable(id="queues", cursor_type="none", zebra_stripes=True)
            with Vertical(id="ticket"):
                yield Static("", id="label")
                yield Static("", id="facts")
                yield Static("", id="story")
                yield Static("", id="aside")
        yield Static("", id="message")
        yield Static("", id="keys")

    def on_mount(self) -> None:
        """Columns once; cells are updated by key afterwards."""
        table = self.query_one("#queues", DataTable)
        words = self._words
        table.add_column(words["queue"], key="queue", width=18)
        table.add_column(words["waiting"], key="waiting", width=4)
        table.add_column(words["longest"], key="longest", width=5)
        table.add_column(words["next"], key="next", width=9)
        self.ready = True
        self.post_message(self.Ready())

    def say(self, text: str, *, trouble: bool = False) -> None:
        """The message line."""
        line = self.query_one("#message", Static)
        line.set_class(trouble, "trouble")
        line.update(text)

    def show(self, head: str, queues: Queues | None, own: WindowStaffView | None, *, linked: bool) -> None:
        """The newest pictures."""
        line = self.query_one("#head", Static)
        line.set_class(not linked, "unlinked")
        line.update(head)
        if queues is not None:
            self._show_queues(queues, own)
        self._show_ticket(own, queues)
        self._show_keys(own)

    def _said(self, text: Text) -> str:
        return plain(said(text, self._language))

    def _show_queues(self, queues: Queues, own: WindowStaffView | None) -> None:
        table: DataTable[str] = self.query_one("#queues", DataTable)
        mine = set(own.queues) if own else set()
        for queue in sorted(queues.queues, key=lambda q: q.queue_id not in mine):
            minutes = f"{queue.longest_wait_s // 60}{self._words['min']}" if queue.waiting else "-"
            mark = "*" if queue.queue_id in mine else " "
            cells = {
                "queue": f"{mark}{queue.prefix} {self._said(queue.name)}",
                "waiting": str(queue.waiting),
                "longest": minutes,
                "next": " ".join(queue.next_labels[:2]),
            }
            if queue.queue_id not in self._rows:
                table.add_row(*cells.values(), key=queue.queue_id)
                self._rows.add(queue.queue_id)
            else:
                for column, value in cells.items():
                    if table.get_cell(queue.queue_id, column) != value:
                        table.update_cell(queue.queue_id, column, value)

    def _show_ticket(self, own: WindowStaffView | None, queues: Queues | None) -> None:
        words, ticket = self._words, own.current if own else None
        self.query_one("#label", Static).update(ticket.label if ticket else words["nobody"])
        self.query_one("#label", Static).set_class(ticket is None, "nobody")
        self.query_one("#facts", Static).update("\n".join(self._facts(ticket)) if ticket else "")
        story = [
            f"{step['at'][11:16]} {words.get(step['what'], step['what'])} {step['where']}"
            for step in (ticket.story if ticket else [])
        ]
        self.query_one("#story", Static).update("\n".join(story[-STORY_LINES:]))
        held = " ".join(t.label for t in own.held) if own else ""
        missed = " ".join(queues.missed[:5]) if queues else ""
        lines = [f"{words['held']}: {held}"] if held else []
        lines += [f"{words['missed']}: {missed}"] if missed else []
        self.query_one("#aside", Static).update("\n".join(lines))

    def _facts(self, ticket: StaffTicket) -> list[str]:
        words = self._words
        lines = [self._said(ticket.service)]
        wishes = [words[wish] for wish in ticket.green if wish != "priority"]
        notes = [words[ticket.ticket_class], *wishes]
        if ticket.on_behalf_of:
            notes.append(words["behalf"])
        if ticket.group_size > 1:
            notes.append(f"{ticket.group_size}{words['group']}")
        lines.append(" ".join(notes))
        calls = f"  {words['calls']} {ticket.calls}" if ticket.state == "called" else ""
        lines.append(f"{words.get(ticket.state, ticket.state)}{calls}")
        return lines

    def _show_keys(self, own: WindowStaffView | None) -> None:
        if own is None:
            return
        parts = []
        for action in ACTIONS:
            offered = action.offered(own)
            if action.name in ("open_window", "pause_window") and not offered:
                continue
            text = f"{action.keys[0]} {action.title(self._language)}"
            parts.append(f"[b]{text}[/b]" if offered else f"[dim]{text}[/dim]")
        self.query_one("#keys", Static).update("  ".join(parts))
