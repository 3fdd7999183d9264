"""A mail server of one's own making on loopback, for what no proper one does: silence, garbage, broken encryption."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG_UP = b""
"""Answers nothing and ends the connection."""
SILENCE = None
"""Answers nothing, and waits."""
PROPER: dict[str, bytes | None] = {
    "greeting": b"220 loopback\r\n",
    "EHLO": b"250 loopback\r\n",
    "HELO": b"250 loopback\r\n",
    "MAIL": b"250 OK\r\n",
    "RCPT": b"250 OK\r\n",
    "DATA": b"354 go on\r\n",
    ".": b"250 taken\r\n",
    "RSET": b"250 OK\r\n",
    "QUIT": b"221 bye\r\n",
}


@dataclass
class Script:
    """What it answers to each verb, which may be changed at any time; `.` is the end of a letter."""

    url: str = ""
    answers: dict[str, bytes | None] = field(default_factory=lambda: dict(PROPER))
    taken: list[bytes] = field(default_factory=list)
    """The letters to which it said yes, or at least did not say no."""
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, **changed: bytes | None) -> None:
        """From now on these verbs, and all others properly. `end` stands for the end of a letter."""
        named = {"." if verb == "end" else verb: said for verb, said in changed.items()}
        self.answers = {**PROPER, **named}


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        script: Script = self.server.script  # type: ignore[attr-defined]
        verb, letter = "greeting", b""
        while self._say(script, verb):
            line = self.rfile.readline()
            if not line:
                return
            verb = line.split()[0].decode("latin-1").upper() if line.split() else ""
            if verb == "DATA" and (script.answers["DATA"] or b"").startswith(b"354"):
                self.wfile.write(script.answers["DATA"] or b"")
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                verb = "."
                if not (script.answers["."] or b"").startswith((b"4", b"5")):
                    script.taken.append(letter)

    def _say(self, script: Script, verb: str) -> bool:
        said = script.answers.get(verb, b"502 not known\r\n")
        if said is SILENCE:
            script.over.wait(30)
            return False
        self.wfile.write(said)
        return said != HANG_UP and verb != "QUIT"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gave up is no news here."""


@contextmanager
def scripted_smtp() -> Iterator[Script]:
    script = Script()
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.script = script  # type: ignore[attr-defined]
        script.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield script
        finally:
            script.over.set()
            server.shutdown()
            thread.join()
