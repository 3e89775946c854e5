"""One request to a hall server over HTTP, for programs that need no more than that."""

import base64
import json
import urllib.error
import urllib.request

WITHIN_S = 10.0


class HallHttpError(Exception):
    """No answer, or a refusal; one sentence."""


def ask(url: str, body: bytes | None = None, *, who: tuple[str, str] | None = None) -> bytes:
    """Send a request (POST with a body, else GET) and return the answer's body.

    Args:
        url: on the hall server, `http://…` or `https://…`.
        body: JSON.
        who: a manager's name and password.

    Raises:
        HallHttpError: the hall cannot be reached, or refuses.
    """
    if not url.startswith(("http://", "https://")):
        raise HallHttpError(f"{url}: the hall's address begins with http:// or https://")
    headers = {"Content-Type": "application/json"}
    if who is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(who).encode()).decode()
    request = urllib.request.Request(url, body, headers)  # noqa: S310  checked above
    try:
        with urllib.request.urlopen(request, timeout=WITHIN_S) as response:  # noqa: S310  the same
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        raise HallHttpError(_detail(error)) from error
    except OSError as error:
        raise HallHttpError(f"the hall at {url.partition('/api/')[0]} cannot be reached: {error}") from error


def _detail(error: urllib.error.HTTPError) -> str:
    """The sentence of a problem (RFC 9457); its status where there is none."""
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"
