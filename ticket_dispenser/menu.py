"""The menu as a visitor sees it: categories, then services; two steps to any service. Pure."""

from dataclasses import dataclass, field

from hall_protocol.commands import Green
from hall_protocol.messages import Catalogue, CatalogueService, Text, said

GUIDE_FIELDS = ("conditions", "materials", "process", "time_limit", "result", "fee")


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the menu with the key that chooses it."""

    key: str
    name: Text
    note: Text | None = None
    category_id: str | None = None
    service: CatalogueService | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """Where a visitor is in the menu."""

    catalogue: Catalogue
    category_id: str | None = None
    service: CatalogueService | None = None
    green: tuple[Green, ...] = ()
    """The green-channel services wished for; they go along to whatever service is chosen."""
    helping: bool = False
    """The page on which they are chosen, one key from the first page (J2)."""
    language: str = field(default="zh-Hans")

    def choices(self) -> list[Choice]:
        """What can be chosen now, with keys counting from 1."""
        if self.category_id is None:
            return [
                Choice(str(number), category.name, category_id=category.category_id)
                for number, category in enumerate(self.catalogue.categories, start=1)
            ]
        services = [s for s in self.catalogue.services if s.category_id == self.category_id]
        return [Choice(str(n), s.name, note=s.note, service=s) for n, s in enumerate(services, start=1)]

    def said(self, text: Text) -> str:
        """A text in the visitor's language."""
        return said(text, self.language)
