"""`paihao voice`: the hall's voice, made and tried."""

from pathlib import Path

import click

from command_line.running import sentences

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def voice() -> None:
    """Make the clips of the hall's voice, and listen to a call.

    \b
    Examples:
      paihao voice make --out clips
      paihao voice say A012 3 --out call.wav
    """


@voice.command("make")
@click.option("--out", type=FOLDER, default="clips", show_default=True, help="Where the clips go.")
def make_clips(out: Path) -> None:
    """Make the default clips in Mandarin, Cantonese and English with espeak-ng.

    A site replaces any of them with a recording of its own: one channel, 16 bits, 22,050 samples a second.

    \b
    Example:
      paihao voice make --out clips
    """
    from voice.making import NoSpeakerError, make
    from voice.sentences import LANGUAGES, clip_names

    with sentences(OSError, NoSpeakerError):
        total = sum(len(clip_names(language)) for language in LANGUAGES)
        with click.progressbar(length=total, label="clips") as bar:
            made = make(out, lambda _name: bar.update(1))
    click.echo(f"{made} clips in {out}")


@voice.command("say")
@click.argument("label")
@click.argument("window")
@click.option("--clips", type=FOLDER, default="clips", show_default=True, help="Where the clips are.")
@click.option("--language", "languages", multiple=True, default=("cmn", "yue", "en"), show_default=True)
@click.option("--percent", type=click.IntRange(0, 100), default=80, show_default=True, help="How loud.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of the sound card.")
def say(label: str, window: str, clips: Path, languages: tuple[str, ...], percent: int, out: Path | None) -> None:
    """Say one call.

    \b
    Example:
      paihao voice say A012 3 --out call.wav
    """
    import asyncio

    from counter_display.players import Aplay
    from voice.clips import Clips, MissingClipError
    from voice.sentences import Call, sentence

    with sentences(OSError, MissingClipError):
        spoken = [(language, sentence(Call(label, window), language)) for language in languages]
        sound = Clips([clips]).joined(spoken, percent)
        if out is not None:
            out.write_bytes(sound)
        else:
            asyncio.run(Aplay().play(sound))


COMMANDS = (voice,)
