"""A fleet with certificates, put together: authority, broker's files, enrolment."""

from hall_server.adapters.authority import Authority
from hall_server.adapters.broker_folder import BrokerFolder
from hall_server.adapters.hall_file import FleetSection, LoadedHall
from hall_server.application.enrolment import EnrolmentDesk, Place

AUTHORITY = "authority"


def broker_folder(loaded: LoadedHall, fleet: FleetSection) -> tuple[Authority, BrokerFolder]:
    """The hall's authority and its broker's files, both made if they are not there yet.

    Raises:
        OSError: something cannot be written.
    """
    authority = Authority(loaded.data / AUTHORITY, loaded.hall.hall_id)
    folder = BrokerFolder(loaded.data / fleet.files, loaded, fleet, authority)
    folder.write()
    return authority, folder


def enrolment_desk(loaded: LoadedHall, fleet: FleetSection, public_url: str) -> EnrolmentDesk:
    """For a hall that is about to open.

    Raises:
        OSError: something cannot be written.
    """
    authority, folder = broker_folder(loaded, fleet)
    place = Place(loaded.hall.hall_id, fleet.names[0], fleet.port, public_url, fleet.signers)
    roles = {device.id: device.role for device in loaded.file.devices}
    return EnrolmentDesk(authority, place, roles, folder.write)
