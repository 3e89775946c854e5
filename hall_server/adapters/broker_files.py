"""Broker configurations made from the hall's: users, passwords, and the least topic rights for each role."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from hall_protocol.topics import Rights, Role, Topics, rights

MAX_PAYLOAD = 4 * 1024 * 1024
"""Larger than any order the hall takes, so that a large one is refused with a reason, not by a broken link."""
ACK_PENDING = 6000
"""For each subscription. NATS refuses a session's subscription when their sum passes 65,535."""
PASSWORDS, RIGHTS = "passwords", "rights"
AUTHORITY, SERVER, SERVER_KEY, REVOKED = "authority.pem", "server.pem", "server.key", "revoked.pem"
PBKDF2_ROUNDS = 101
"""Mosquitto's own default; the file is readable by the broker alone, and the passwords are long and random."""


def users(topics: Topics, roles: Mapping[str, Role]) -> dict[str, Rights]:
    """The rights of every user: the hall and its devices."""
    return {device: rights(topics, device, role) for device, role in roles.items()}


def _subject(topic: str) -> str:
    """An MQTT topic filter as a NATS subject."""
    return topic.replace("/", ".").replace("+", "*").replace("#", ">")


def _publish(right: Rights) -> dict[str, list[str]]:
    """What a user may write. NATS takes an empty list of what is allowed for everything."""
    return {"allow": [_subject(topic) for topic in right.publish]} if right.publish else {"deny": [">"]}


def nats_configuration(
    rights_of: Mapping[str, Rights], passwords: Mapping[str, str], *, host: str, port: int, store: Path
) -> str:
    """A configuration for NATS server with its MQTT listener.

    MQTT users need the two `$MQTT` subscriptions for QoS 1 delivery. The client port is a random one on loopback:
    nobody uses it, but the server insists on having one.
    """
    entries = [
        {
            "user": user,
            "password": passwords[user],
            "permissions": {
                "publish": _publish(right),
                "subscribe": {
                    "allow": ["$MQTT.sub.>", "$MQTT.deliver.pubrel.>", *(_subject(topic) for topic in right.subscribe)]
                },
            },
        }
        for user, right in rights_of.items()
    ]
    configuration = {
        "server_name": "paihao",
        "host": "127.0.0.1",
        "port": -1,
        "max_payload": MAX_PAYLOAD,
        "jetstream": {"store_dir": str(store), "max_memory_store": 64 << 20, "max_file_store": 1 << 30},
        "mqtt": {"host": host, "port": port, "ack_wait": "30s", "max_ack_pending": ACK_PENDING},
        "authorization": {"users": entries},
    }
    return json.dumps(configuration, indent=1) + "\n"


def mosquitto_configuration(
    *, host: str, port: int, folder: Path, store: Path | None = None, certificates: tuple[str, int] | None = None
) -> str:
    """A configuration for Mosquitto; the files it names lie in `folder`.

    Args:
        host: where those connect who have a password: the hall itself.
        port: its port.
        folder: with passwords, rights, and the files of the hall's authority.
        store: where the broker keeps what is retained; in `folder` if None.
        certificates: host and port for devices, which connect with their certificates alone.
    """
    by_certificate = []
    if certificates is not None:
        by_certificate = [
            f"listener {certificates[1]} {certificates[0]}",
            "allow_anonymous false",
            f"cafile {folder}/{AUTHORITY}",
            f"certfile {folder}/{SERVER}",
            f"keyfile {folder}/{SERVER_KEY}",
            f"crlfile {folder}/{REVOKED}",
            "tls_version tlsv1.2",
            "require_certificate true",
            "use_identity_as_username true",
            f"acl_file {folder}/{RIGHTS}",
            "max_inflight_messages 0",
        ]
    return "\n".join(
        [
            "per_listener_settings true",
            f"listener {port} {host}",
            "allow_anonymous false",
            f"password_file {folder}/{PASSWORDS}",
            f"acl_file {folder}/{RIGHTS}",
            "max_inflight_messages 0",
            *by_certificate,
            f"message_size_limit {MAX_PAYLOAD}",
            # Mosquitto drops the newest past this limit and acknowledges it all the same.
            "max_queued_messages 100000",
            "set_tcp_nodelay true",
            "persistence true",
            f"persistence_location {store or folder}/",
            "autosave_interval 60",
            "log_type warning",
            "log_type error",
            "",
        ]
    )


def mosquitto_rights(rights_of: Mapping[str, Rights]) -> str:
    """Mosquitto's access list."""
    lines: list[str] = []
    for user, right in rights_of.items():
        lines.append(f"user {user}")
        lines += [f"topic write {topic}" for topic in right.publish]
        lines += [f"topic read {topic}" for topic in right.subscribe]
        lines.append("")
    return "\n".join(lines)


def mosquitto_passwords(passwords: Mapping[str, str]) -> str:
    """Mosquitto's password file: PBKDF2 with SHA-512."""
    lines = []
    for user, password in passwords.items():
        salt = os.urandom(12)
        key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, PBKDF2_ROUNDS)
        lines.append(f"{user}:$7${PBKDF2_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}")
    return "\n".join(lines) + "\n"
