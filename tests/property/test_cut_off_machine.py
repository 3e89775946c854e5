"""Dispensers cut off from the hall and from power at any step (J4, J8): every number a visitor holds is a ticket once."""

import asyncio
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hall_protocol.commands import CheckIn, Issue, booking_id
from hall_server.domain import commands as c
from hall_server.domain.tickets import TicketState
from tests.dispenser.boards import Board
from tests.examples import examples
from tests.story import Story, at
from ticket_dispenser.printers.port import Result

CODES = ("CODE-1", "CODE-2")
BOARDS = ("dispenser-1", "dispenser-2")
boards = st.sampled_from(BOARDS)
fuses = st.one_of(st.just(0), st.integers(1, 14))


class CutOffMachine(RuleBasedStateMachine):
    """A hall and two dispensers; links, replies, paper and power come and go."""

    @initialize()
    def opens(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="paihao-boards-"))
        self.loop = asyncio.new_event_loop()
        self.story = Story(now=at("2026-06-03 09:30"))
        answers: dict[str, bytes] = {}
        self.boards = {name: Board(self.folder / name, self.story, name, answers) for name in BOARDS}
        self.told: list[tuple[str, str, int]] = []
        self.shown: set[str] = set()
        """Numbers of visitors with appointments."""
        """Numbers that visitors hold: label, dispenser, real time."""
        for board in self.boards.values():
            self.loop.run_until_complete(board.settle())

    @rule(name=boards, service=st.sampled_from(["id-card", "id-card", "collect"]), fuse=fuses)
    def somebody_presses(self, name: str, service: str, fuse: int) -> None:
        """`fuse` 0 is a press without a power cut; else the power goes at that step."""
        board = self.boards[name]
        board.fuse.left = fuse or None
        printed = len(board.paper.labels)
        answer = self.loop.run_until_complete(board.press(Issue(service)))
        held = board.paper.labels[printed:]
        assert len(held) <= 1, "one press, two slips"
        if answer is not None and answer.label is not None and not held:
            held = [answer.label]
        self.told += [(label, name, self.story.now.ms) for label in held]
        board.fuse.left = None
        if board.dark:
            board.restart()

    @rule(code=st.sampled_from(CODES), in_min=st.integers(-5, 30))
    def an_appointment_is_made(self, code: str, in_min: int) -> None:
        self.story.order(c.Book(booking_id(code), "first-fund", self.story.now.ms + in_min * 60_000))

    @rule(name=boards, code=st.sampled_from(CODES), fuse=fuses)
    def somebody_checks_in(self, name: str, code: str, fuse: int) -> None:
        """Perhaps for the second time, perhaps at another board: then the same number comes out once more."""
        board = self.boards[name]
        board.fuse.left = fuse or None
        printed = len(board.paper.labels)
        answer = self.loop.run_until_complete(board.press(CheckIn(code)))
        held = board.paper.labels[printed:]
        if answer is not None and answer.label is not None and not held:
            held = [answer.label]
        self.shown |= set(held) - {label for label, _, _ in self.told}
        board.fuse.left = None
        if board.dark:
            board.restart()

    @rule(name=boards, up=st.sampled_from([False, False, True]), loses=st.booleans())
    def the_link_changes(self, name: str, up: bool, loses: bool) -> None:
        line = self.boards[name].line
        line.up, line.loses_replies = up, loses
        line.linked.set() if up else line.linked.clear()
        self.boards[name].desk.reach.answered(True)

    @rule(name=boards, result=st.sampled_from(Result))
    def the_paper_changes(self, name: str, result: Result) -> None:
        self.boards[name].paper.result = result

    @rule(name=boards, fuse=fuses)
    def the_background_works(self, name: str, fuse: int) -> None:
        board = self.boards[name]
        board.fuse.left = fuse or None
        self.loop.run_until_complete(board.settle())
        board.fuse.left = None
        if board.dark:
            board.restart()

    @rule(name=boards)
    def the_board_restarts(self, name: str) -> None:
        self.boards[name].restart()

    @rule(seconds=st.integers(1, 120))
    def time_passes(self, seconds: int) -> None:
        self.story.later(seconds)

    @invariant()
    def no_label_twice(self) -> None:
        if hasattr(self, "told"):
            labels = [label for label, _, _ in self.told]
            assert len(labels) == len(set(labels))
            assert not self.shown & set(labels), "a number of an appointment in another hand"

    def teardown(self) -> None:
        if hasattr(self, "boards"):
            try:
                self.everything_comes_back()
            finally:
                for board in self.boards.values():
                    board.memory.close()
                self.loop.close()
                shutil.rmtree(self.folder)

    def everything_comes_back(self) -> None:
        """Every number that somebody holds is one valid ticket, in real order; the hall knows each slip's fate."""
        for board in self.boards.values():
            board.line.up, board.line.loses_replies = True, False
            board.line.linked.set()
            self.loop.run_until_complete(board.settle())
            assert board.memory.spool.all() == []
        state = self.story.state
        for label in self.shown:
            # Whichever board asked first, and whenever: one ticket, and it is valid.
            assert state.tickets[state.by_label[label]].state is TicketState.WAITING, label
        for label, name, _ in self.told:
            ticket = state.tickets[state.by_label[label]]
            assert (ticket.state, ticket.source) == (TicketState.WAITING, name)
        for name in BOARDS:
            mine = [(real, state.tickets[state.by_label[label]]) for label, of, real in self.told if of == name]
            assert all(ticket.taken_at >= real for real, ticket in mine), "older than it is"
            for (real, ticket), (later, other) in pairwise(mine):
                assert later == real or other.taken_at >= ticket.taken_at
        held = {label for label, _, _ in self.told} | self.shown
        for ticket in state.tickets_in(TicketState.WAITING):
            assert ticket.label in held or ticket.print_state != "pending", "a ticket of which nothing is known"


CutOffMachine.TestCase.settings = settings(max_examples=examples(120, 2500), stateful_step_count=30, deadline=None)
TestCutOff = CutOffMachine.TestCase
