"""Hearing from PostgreSQL at once that notices have changed, whichever process of whichever machine changed them."""

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy import URL

from codesign.stores import NOTICES_CHANNEL

log = logging.getLogger("codesign.live")
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
PATIENCE = 5
"""Seconds that connecting may take."""


async def listen(url: URL, heard: Callable[[str], None]) -> None:
    """Calls `heard` with the schema whenever a town's notices change, and with "" after each new connection, since
    something may have been missed before. Runs until it is cancelled, on one connection outside of all transactions.

    A pooler that hands a connection to somebody else after each transaction lets nobody listen: it is silence then,
    and whoever waits must look from time to time anyway.
    """
    from psycopg import AsyncConnection, Error  # only where there is a PostgreSQL

    place = url.set(drivername="postgresql").render_as_string(hide_password=False)
    pause = FIRST_PAUSE
    while True:
        try:
            async with await AsyncConnection.connect(place, autocommit=True, connect_timeout=PATIENCE) as connection:
                await connection.execute(f"LISTEN {NOTICES_CHANNEL}")
                pause = FIRST_PAUSE
                heard("")
                async for call in connection.notifies():
                    heard(call.payload)
        except (Error, OSError) as error:
            log.warning("PostgreSQL cannot be listened to for now: %s", type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
