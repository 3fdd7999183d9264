"""Static files: those asked for with the hash of their content never change."""

import gzip
import os
import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

FOR_EVER = "public, max-age=31536000, immutable"
_IMPORT = re.compile(r'@import url\("([^"]+)"\)(?: layer\((\w+)\))?;')


def joined(sheet: Path) -> str:
    """A style sheet with the files it imports put in their place: one request, and one hash that covers them all.

    The imported files stand in the same folder or hold no relative addresses, so that theirs stay right.
    """

    def content(match: re.Match[str]) -> str:
        text = (sheet.parent / match[1]).read_text()
        return f"@layer {match[2]} {{\n{text}\n}}" if match[2] else text

    return _IMPORT.sub(content, sheet.read_text())


class StyleSheet:
    """Serves one joined style sheet, packed once."""

    def __init__(self, sheet: Path) -> None:
        self.plain = joined(sheet).encode()
        self.packed = gzip.compress(self.plain, 9, mtime=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        packs = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
        if packs:
            headers["Content-Encoding"] = "gzip"
        await Response(self.packed if packs else self.plain, headers=headers, media_type="text/css")(
            scope, receive, send
        )


class HashedFiles(StaticFiles):
    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = FOR_EVER if hashed else "public, max-age=3600"
        return response
