"""The display's composition root."""

import asyncio
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from counter_display.configuration import DisplayFile, VoiceSection
from counter_display.painters import InColour, InDots, InText, Painter
from counter_display.players import Aplay, SoundFolder
from counter_display.screens import Screens
from counter_display.signs.line import SignLine
from counter_display.signs.simple_gb2312 import SimpleGb2312
from counter_display.signs.sink import SignSink
from counter_display.sinks.framebuffer import FramebufferSink, UnknownFramebufferError, geometry_of
from counter_display.sinks.png import PngSink
from counter_display.sinks.port import Sink
from counter_display.sinks.terminal import TerminalSink
from hall_protocol.board_health import board_health
from hall_protocol.device import DeviceLink
from hall_protocol.device_file import DeviceFileError
from hall_protocol.rereading import Reread, rereading
from hall_protocol.topics import Role, Topics
from hall_protocol.watchdog import Progress, keep_telling
from voice.clips import MissingClipError
from voice.settings import all_clips
from voice.speaker import Player, Speaker

DRAWS_WITHIN_S = 10.0


async def run_display(file: DisplayFile, folder: Path, reread: Reread[DisplayFile] | None = None) -> None:
    """Run until cancelled. Relative paths count from `folder`; `reread` is asked after a hang-up signal.

    Raises:
        DeviceFileError: the sink cannot be used.
    """
    topics = Topics(file.hall)
    with ExitStack() as closing:
        screens = Screens(file, _painter(file, folder, closing))
        speaker = _speaker(file.voice, topics, folder) if file.voice else None
        changed = asyncio.Event()

        def receive(topic: str, payload: bytes) -> None:
            version = screens.catalogue_version
            screens.receive(topic, payload)
            if screens.catalogue_version != version:
                link.say_state()
            if speaker is not None:
                speaker.receive(topic, payload)
            changed.set()

        link = DeviceLink(
            file.address,
            file.hall,
            file.device,
            Role.DISPLAY,
            reads=(topics.hall_state, topics.catalogue, topics.progress, topics.board, topics.window("+")),
            on_message=receive,
            on_link=lambda _up: changed.set(),
            generation=file.generation,
            health=lambda: {**board_health(folder), "catalogue_version": screens.catalogue_version},
        )

        def take(now: DisplayFile) -> None:
            screens.adjust(now)
            if speaker is not None and now.voice is not None:
                speaker.adjust(now.voice)
            changed.set()

        closing.enter_context(rereading(reread, take, link))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(link.run(), name="link")
            moving = Progress(DRAWS_WITHIN_S, time.monotonic)
            tasks.create_task(_move(screens, changed, moving), name="moving-pictures")
            tasks.create_task(keep_telling(moving.recent), name="watchdog")
            if speaker is not None:
                tasks.create_task(speaker.run(), name="voice")


async def _move(screens: Screens, changed: asyncio.Event, moving: Progress) -> None:
    while True:
        changed.clear()
        moving.made()
        with suppress(TimeoutError):
            async with asyncio.timeout(screens.tick()):
                await changed.wait()


def _painter(file: DisplayFile, folder: Path, closing: ExitStack) -> Painter:
    match file.sink:
        case "framebuffer":
            return InColour(_framebuffer(file), flash=file.flash)
        case "led":
            return InDots(_led(file))
        case "signs":
            addresses = {screen.name: screen.address for screen in file.screens}
            signs = file.signs
            line = SignLine(folder / signs.line, signs.baud, addresses, SimpleGb2312(), answers=signs.answers)
            closing.callback(line.close)
            sink = SignSink(line.say)
            closing.callback(sink.close)
            return InText(sink)
    sink_of_frames: Sink = TerminalSink() if file.sink == "terminal" else PngSink(folder / file.folder)
    return InDots(sink_of_frames) if file.style == "dots" else InColour(sink_of_frames, flash=file.flash)


def _speaker(voice: VoiceSection, topics: Topics, folder: Path) -> Speaker:
    player: Player = Aplay(voice.device) if voice.player == "aplay" else SoundFolder(folder / voice.folder)
    try:
        return Speaker(topics, voice, all_clips(voice, folder), player)
    except MissingClipError as error:
        raise DeviceFileError(str(error)) from error


def _framebuffer(file: DisplayFile) -> Sink:
    device = Path(file.framebuffer)
    if len(file.screens) != 1:
        raise DeviceFileError("screens: a framebuffer shows one screen")
    try:
        return FramebufferSink(device, geometry_of(device))
    except UnknownFramebufferError as error:
        raise DeviceFileError(str(error)) from error


def _led(file: DisplayFile) -> Sink:
    # Only where it is used: other displays need neither luma nor an SPI bus.
    from luma.core.error import DeviceNotFoundError
    from luma.core.interface.serial import noop, spi

    from counter_display.sinks.led_matrix import LedMatrixSink

    if len(file.screens) != 1:
        raise DeviceFileError("screens: an LED panel shows one screen")
    led = file.led
    try:
        bus = spi(port=led.spi_port, device=led.spi_device, gpio=noop())
    except (DeviceNotFoundError, ImportError) as error:
        raise DeviceFileError(f"led: no SPI bus {led.spi_port}.{led.spi_device}: {error}") from error
    size = file.screens[0].size("dots")
    return LedMatrixSink(bus, size, orientation=led.orientation, rotate=led.rotate, intensity=led.intensity)
