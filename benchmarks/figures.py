"""How a benchmark tells its figures."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class Line:
    """One figure: what, value and unit, and where it has one its floor (or aim) and the ratio to it."""

    what: str
    value: float
    unit: str
    floor: float | None = None
    aim: str = ""
    interval: tuple[float, float] | None = None
    """95 of 100 such runs would give a figure in here."""
    of_ratio: bool = False
    """Whether the interval is that of the ratio."""

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return None if not self.floor else self.value / self.floor


@dataclass(slots=True)
class Report:
    """All figures of one run."""

    name: str
    lines: list[Line] = field(default_factory=list)

    def add(
        self,
        what: str,
        value: float,
        unit: str,
        *,
        floor: float | None = None,
        aim: str = "",
        interval: tuple[float, float] | None = None,
        of_ratio: bool = False,
    ) -> None:
        """One more figure."""
        self.lines.append(Line(what, value, unit, floor, aim, interval, of_ratio))

    def as_json(self) -> str:
        """For programs."""
        lines = [{**asdict(line), "ratio": line.ratio} for line in self.lines]
        machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        return json.dumps({"bench": self.name, "machine": machine, "figures": lines}, ensure_ascii=False)

    def as_text(self) -> str:
        """For people."""
        width = max(len(line.what) for line in self.lines)
        rows = [f"{self.name}  (Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores)"]
        for line in self.lines:
            row = f"  {line.what:<{width}}  {line.value:>10.2f} {line.unit:<9}"
            if line.interval is not None and not line.of_ratio:
                row += " [{:.2f}, {:.2f}]".format(*line.interval)
            if line.floor is not None:
                row += f" floor {line.floor:>8.2f}  ratio {line.ratio:>5.2f}"
            if line.interval is not None and line.of_ratio:
                row += " [{:.2f}, {:.2f}]".format(*line.interval)
            rows.append(row + (f"  aim {line.aim}" if line.aim else ""))
        return "\n".join(rows)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]
