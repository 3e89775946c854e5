"""Signs behind a display: the newest line of each screen goes out on a thread, as a line takes its time."""

import threading
from collections.abc import Callable


class SignSink:
    """Never makes anybody wait; a line that is overtaken by a newer one of the same screen is not sent."""

    def __init__(self, say: Callable[..., object]) -> None:
        self._say = say
        self._waiting: dict[str, tuple[str, bool]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="signs", daemon=True)
        self._thread.start()

    def say(self, screen: str, text: str, *, new: bool) -> None:
        """Show a line on a screen's sign."""
        with self._changed:
            self._waiting[screen] = (text, new)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                screen = next(iter(self._waiting))
                text, new = self._waiting.pop(screen)
            self._say(screen, text, new=new)

    def close(self) -> None:
        """Send nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
