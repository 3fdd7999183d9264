"""What must not happen in a browser while somebody uses a town: noticed here, and a failure of the test."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, Response

ANSWERED = {403, 404, 405, 409, 422}  # pages that say what was wrong with a request
PLACES = {"document", "fetch", "xhr"}
STATUS_NOTE = "Failed to load resource: the server responded with a status of"
LEFT = "net::ERR_ABORTED"  # the page was left while something was loading


@dataclass
class Watch:
    """Collects complaints of every page of a context."""

    port: int
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note("script error", str(error.error)))
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def _note(self, *words: str) -> None:
        self.complaints.append(": ".join(words))

    def _console(self, message: ConsoleMessage) -> None:
        # A status is judged where the response is seen.
        if message.type in ("error", "warning", "assert") and not message.text.startswith(STATUS_NOTE):
            self._note("console", message.type, message.text)

    def _dialog(self, dialog: Dialog) -> None:
        self._note("dialog", dialog.type, dialog.message)
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        home = parts.hostname is not None and parts.hostname.endswith("localhost") and parts.port == self.port
        if not home and parts.scheme not in ("data", "blob", "about"):
            self._note("a request leaves the site", request.url)

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self._note("failed request", request.url, request.failure or "")

    def _response(self, response: Response) -> None:
        if response.status < 400 or (response.status in ANSWERED and response.request.resource_type in PLACES):
            return
        self._note("answer", str(response.status), response.url)
