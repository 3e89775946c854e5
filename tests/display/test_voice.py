"""The hall's voice: what is said, when, how loud; the sound is taken apart again."""

import array
import asyncio
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_protocol.codec import encode
from hall_protocol.messages import Board, BoardCall
from hall_protocol.topics import Topics
from tests.conftest import needs
from tests.display.test_frames import view
from tests.tones import heard, tone, write_clips
from voice.clips import GAP_S, Clips, MissingClipError
from voice.making import make
from voice.schedule import TOO_OLD_S, Loudness, Schedule, loudness_at
from voice.sentences import LANGUAGES, Call, clip_names, sentence, window_clips
from voice.settings import VoiceSettings
from voice.speaker import Speaker

AT = "2026-06-03T10:42:07+08:00"


def test_a_label_is_spelled_and_a_window_is_a_number() -> None:
    assert sentence(Call("A012", "12"), "cmn") == [
        "please", "letter-a", "digit-0", "digit-1", "digit-2", "to", "number-10", "number-2", "window"
    ]  # fmt: skip
    assert sentence(Call("B1000", "3"), "en")[-3:] == ["to", "number-3", "window"]


@pytest.mark.parametrize(
    ("window", "cmn", "en"),
    [
        ("5", "5", "5"), ("10", "10", "10"), ("12", "10 2", "12"), ("20", "2 10", "20"), ("21", "2 10 1", "20 1"),
        ("100", "1 100", "1 100"), ("105", "1 100 0 5", "1 100 5"), ("112", "1 100 1 10 2", "1 100 12"),
    ],
)  # fmt: skip
def test_numbers_as_people_say_them(window: str, cmn: str, en: str) -> None:
    assert window_clips(window, "cmn") == [f"number-{n}" for n in cmn.split()]
    assert window_clips(window, "en") == [f"number-{n}" for n in en.split()]


@given(
    label=st.from_regex(r"[A-Z]{1,2}[0-9]{3,5}", fullmatch=True),
    window=st.one_of(st.integers(1, 2000).map(str), st.from_regex(r"[A-Z]?[0-9]{1,2}", fullmatch=True)),
    language=st.sampled_from(LANGUAGES),
)
def test_no_call_needs_a_clip_that_is_not_made(label: str, window: str, language: str) -> None:
    assert set(sentence(Call(label, window), language)) <= set(clip_names(language))


def test_first_calls_go_before_repetitions() -> None:
    schedule = Schedule(repeats=2)
    schedule.call(Call("A001", "1"), 0.0)
    first = schedule.next(0.0)
    schedule.call(Call("A002", "2"), 3.0)
    said = [first, schedule.next(4.0), schedule.next(8.0), schedule.next(12.0), schedule.next(16.0)]
    assert [(one.call.label, one.turn) if one else None for one in said] == [
        ("A001", 1), ("A002", 1), ("A001", 2), ("A002", 2), None
    ]  # fmt: skip


def test_old_news_is_not_said() -> None:
    schedule = Schedule()
    schedule.call(Call("A001", "1"), 0.0)
    assert schedule.next(TOO_OLD_S + 0.1) is None


def test_a_recall_overtakes_what_was_still_to_be_said_and_whoever_has_come_is_left_in_peace() -> None:
    schedule = Schedule(repeats=1)
    schedule.call(Call("A001", "1"), 0.0)
    schedule.call(Call("A001", "2"), 1.0)
    schedule.call(Call("A002", "3"), 2.0)
    schedule.withdraw("A002")
    said = schedule.next(3.0)
    assert said is not None
    assert said.call.window == "2"
    assert schedule.next(3.0) is None


def test_the_voice_is_as_loud_as_the_hour_allows() -> None:
    hours = (Loudness(9 * 60, 12 * 60, 90), Loudness(12 * 60, 13 * 60, 0))
    assert [loudness_at(minute, hours, 70) for minute in (540, 719, 720, 800, None)] == [90, 90, 0, 70, 70]


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    return write_clips(tmp_path / "clips")


def test_the_clips_come_in_order_at_their_level_and_take_their_time(tones: Path) -> None:
    spoken = sentence(Call("A012", "3"), "cmn")
    names, seconds, peak = heard(Clips([tones]).joined([("cmn", spoken)], 50))
    assert names == spoken
    assert seconds == pytest.approx(len(spoken) * (0.1 + GAP_S), abs=0.01)
    assert peak == pytest.approx(10_000, rel=0.01)


def test_a_sites_own_recording_goes_before_the_default(tones: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "cmn").mkdir(parents=True)
    (own / "cmn" / "please.wav").write_bytes(tone(300, 0.5))
    clips = Clips([own, tones])
    longer = heard(clips.joined([("cmn", ["please"])], 100))[1]
    assert longer == pytest.approx(0.5 + GAP_S, abs=0.01)
    assert clips.missing("cmn", ["please", "to", "nothing"]) == ["nothing"]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all"])
def test_a_broken_recording_is_one_sentence(tones: Path, content: bytes) -> None:
    (tones / "cmn" / "please.wav").write_bytes(content)
    with pytest.raises(MissingClipError, match="please"):
        Clips([tones]).joined([("cmn", ["please"])], 100)


class Ears:
    """A player that remembers."""

    def __init__(self) -> None:
        self.sounds: list[bytes] = []

    async def play(self, sound: bytes) -> None:
        self.sounds.append(sound)


async def test_new_calls_are_said_and_what_stood_there_before_is_not(tones: Path) -> None:
    ears, topics = Ears(), Topics("example")
    speaker = Speaker(topics, VoiceSettings(("cmn",), repeats=1), Clips([tones]), ears)
    running = asyncio.create_task(speaker.run())
    old, new = BoardCall("A001", "1", "A", 1, AT), BoardCall("B007", "3", "B", 1, AT)
    speaker.receive(topics.board, encode(Board(1, AT, [old])))
    speaker.receive(topics.board, encode(Board(2, AT, [new, old])))
    speaker.receive(topics.board, encode(Board(2, AT, [new, old])))
    await asyncio.sleep(0.05)
    assert [heard(sound)[0] for sound in ears.sounds] == [sentence(Call("B007", "3"), "cmn")]
    recalled = BoardCall("A001", "1", "A", 2, AT)
    speaker.receive(topics.board, encode(Board(3, AT, [recalled, new])))
    await asyncio.sleep(0.05)
    assert len(ears.sounds) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_whoever_has_come_is_not_called_again(tones: Path) -> None:
    ears, topics = Ears(), Topics("example")
    speaker = Speaker(topics, VoiceSettings(("cmn",), repeats=2), Clips([tones]), ears)
    called = BoardCall("B007", "3", "B", 1, AT)
    speaker.receive(topics.board, encode(Board(1, AT, [])))
    speaker.receive(topics.board, encode(Board(2, AT, [called])))
    speaker.receive(topics.window("3"), encode(view(label="B007", state="serving")))
    running = asyncio.create_task(speaker.run())
    await asyncio.sleep(0.05)
    assert ears.sounds == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_the_default_voice_says_something_else_for_each_clip(tmp_path: Path) -> None:
    needs("espeak-ng")
    assert make(tmp_path) == sum(len(clip_names(language)) for language in LANGUAGES)
    for language in LANGUAGES:
        sounds: dict[bytes, str] = {}
        for name in clip_names(language):
            with wave.open(str(tmp_path / language / f"{name}.wav")) as file:
                seconds, samples = file.getnframes() / file.getframerate(), file.readframes(file.getnframes())
            if (language, name) == ("en", "window"):
                continue
            assert 0.1 < seconds < 2.5, (language, name)
            peak = max(map(abs, array.array("h", samples)))
            assert peak == pytest.approx(0.8 * 32767, rel=0.01), (language, name)
            twin = sounds.setdefault(samples, name)
            spelled_as_counted = {twin.split("-")[0], name.split("-")[0]} == {"digit", "number"}
            assert twin == name or spelled_as_counted, f"{twin} and {name} sound the same"
