"""The catalogue: what can be done in the hall, and where."""

from hall_protocol.messages.base import Message, Text


class CatalogueQueue(Message, frozen=True):
    """A queue in the catalogue."""

    queue_id: str
    prefix: str
    name: Text
    zone: str


class CatalogueZone(Message, frozen=True):
    """A part of the hall."""

    zone_id: str
    name: Text


class CatalogueCategory(Message, frozen=True):
    """A page of the dispenser's menu."""

    category_id: str
    name: Text


class CatalogueService(Message, frozen=True):
    """A service with its guide. A guide field that is absent is shown as "not provided"."""

    service_id: str
    category_id: str
    queue_id: str
    name: Text
    available: bool
    note: Text | None
    on_behalf_of: bool
    booking_required: bool
    cancellable: bool
    guide: dict[str, Text]


class Catalogue(Message, frozen=True):
    """`catalogue`, retained: the same for dispenser, terminal, web and publication."""

    hall_id: str
    name: Text
    phone: str
    version: str
    languages: list[str]
    zones: list[CatalogueZone]
    categories: list[CatalogueCategory]
    queues: list[CatalogueQueue]
    services: list[CatalogueService]

    def service(self, service_id: str) -> CatalogueService | None:
        """A service by its id."""
        return next((service for service in self.services if service.service_id == service_id), None)
