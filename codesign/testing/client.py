"""A test client that reads each page like a validator: what it finds wrong fails the test."""

from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from codesign.testing.html import problems

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Client(TestClient):
    """Does not follow redirects by itself, and sends writes from the page's own origin, as a browser does."""

    def __init__(self, app: Starlette, base_url: str, address: str = "testclient") -> None:
        at = (address, 50000)
        super().__init__(app, base_url, raise_server_exceptions=False, follow_redirects=False, client=at)
        self.headers["Sec-Fetch-Site"] = "same-origin"

    def request(self, *args: Any, **kwargs: Any) -> Any:
        response = super().request(*args, **kwargs)
        letter = "sandbox" in response.headers.get("content-security-policy", "")  # has styles, as mail programs need
        if response.headers.get("content-type", "").startswith("text/html") and not letter:
            found = problems(response.text)
            assert not found, f"{response.request.url}: {'; '.join(found)}"
        return response

    def htmx(self, method: str, url: str, **kwargs: Any) -> Any:
        """The request as htmx sends it."""
        return self.request(method, url, headers=HTMX, **kwargs)
