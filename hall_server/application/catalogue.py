"""The catalogue as it is published, and its version: a hash of everything a visitor may read in it (R03)."""

import hashlib

import msgspec

from hall_protocol import messages as m
from hall_server.domain.configuration import Hall


def catalogue(hall: Hall) -> m.Catalogue:
    """The catalogue with its version."""
    unversioned = m.Catalogue(
        hall_id=hall.hall_id,
        name=hall.name,
        phone=hall.phone,
        version="",
        languages=list(hall.languages),
        zones=[m.CatalogueZone(zone.zone_id, zone.name) for zone in hall.zones],
        categories=[m.CatalogueCategory(category.category_id, category.name) for category in hall.categories],
        queues=[m.CatalogueQueue(queue.queue_id, queue.prefix, queue.name, queue.zone) for queue in hall.queues],
        services=[
            m.CatalogueService(
                service_id=service.service_id,
                category_id=service.category_id,
                queue_id=service.queue_id,
                name=service.name,
                available=service.available,
                note=service.note,
                on_behalf_of=service.on_behalf_of,
                booking_required=service.booking_required,
                cancellable=service.cancellable,
                guide=service.guide,
            )
            for service in hall.services
        ],
    )
    digest = hashlib.sha256(msgspec.json.encode(unversioned, order="deterministic")).hexdigest()[:16]
    return msgspec.structs.replace(unversioned, version=digest)
