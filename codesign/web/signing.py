"""Short signatures for what a browser keeps for us: nobody else can make them, and they hold in one town only."""

import hashlib
import hmac

from starlette.requests import Request

from codesign.web.site import site_of


def signature(request: Request, purpose: str, text: str) -> str:
    """A hex digest of `text` under the operator's secret, for one purpose in the town of this request."""
    scope = f"{purpose}\0{request.state.entry.slug}\0{text}".encode()
    return hmac.new(site_of(request).settings.secret, scope, hashlib.sha256).hexdigest()


def signed_by_us(request: Request, purpose: str, text: str, found: str) -> bool:
    return hmac.compare_digest(signature(request, purpose, text).encode(), found.encode("utf-8", "replace"))
