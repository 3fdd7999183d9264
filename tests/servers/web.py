"""The application behind a real socket, for real browsers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

PATIENCE = 20  # seconds until a server has stopped


@contextmanager
def serving(app: Starlette) -> Iterator[int]:
    """uvicorn in a thread, on a port of loopback that the system chooses. Yields the port.

    The application's lifespan is not run: who made the application closes it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            thread.join(PATIENCE)
