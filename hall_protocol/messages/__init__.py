"""What the hall and the devices say: replies and the retained pictures of the hall.

Times are RFC 3339 strings with offset; durations are whole seconds named `…_s`. Each picture is complete in itself: a
reader needs only the newest one.
"""

from hall_protocol.messages.base import (
    Accepted,
    HallState,
    JournalRecord,
    Message,
    Presence,
    Refused,
    Text,
    WaitRange,
    said,
)
from hall_protocol.messages.catalogue import (
    Catalogue,
    CatalogueCategory,
    CatalogueQueue,
    CatalogueService,
    CatalogueZone,
)
from hall_protocol.messages.public import (
    Board,
    BoardCall,
    NowServing,
    Progress,
    QueueProgress,
    TicketProgress,
    TicketView,
    Totals,
    WindowView,
)
from hall_protocol.messages.staff import (
    AlertStep,
    AlertView,
    GuideTask,
    Queues,
    QueueView,
    StaffTicket,
    WindowStaffView,
)

__all__ = [
    "Accepted",
    "AlertStep",
    "AlertView",
    "Board",
    "BoardCall",
    "Catalogue",
    "CatalogueCategory",
    "CatalogueQueue",
    "CatalogueService",
    "CatalogueZone",
    "GuideTask",
    "HallState",
    "JournalRecord",
    "Message",
    "NowServing",
    "Presence",
    "Progress",
    "QueueProgress",
    "QueueView",
    "Queues",
    "Refused",
    "StaffTicket",
    "Text",
    "TicketProgress",
    "TicketView",
    "Totals",
    "WaitRange",
    "WindowStaffView",
    "WindowView",
    "said",
]
