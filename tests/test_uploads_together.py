"""Files of several people at the same moment, and of one who goes away."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from PIL import Image
from sqlalchemy import select

from codesign.core.files import File
from codesign.testing import Town
from tests.apples import count_files, grow, large_photo
from tests.making import a_story
from tests.sending import picture


@pytest.fixture
def apples(alder: Town) -> Iterator[Town]:
    yield from grow(alder)


def browser(town: Town, name: str) -> httpx2.AsyncClient:
    """One of several whose requests are carried by one event loop, as by a server."""
    transport = httpx2.ASGITransport(app=town.world.app)
    cookies = dict(town.client(name).cookies)
    headers = {"Sec-Fetch-Site": "same-origin"}
    return httpx2.AsyncClient(
        transport=transport, base_url=f"http://{town.slug}.localhost", cookies=cookies, headers=headers
    )


def test_while_a_large_picture_is_decoded_others_read_and_write(apples: Town) -> None:
    story = a_story(apples)
    slow = picture("PNG", Image.new("RGBA", (7000, 5700), (9, 9, 9, 0)))
    done: list[str] = []

    async def ask_for(name: str, method: str, url: str, **what: Any) -> int:
        async with browser(apples, name) as client:
            status = (await client.request(method, url, **what)).status_code
        done.append(f"{method} {url}")
        return int(status)

    async def run() -> list[int]:
        sending = asyncio.create_task(
            ask_for("anna", "POST", "/apples", data={"title": "Apples"}, files={"image": ("a.png", slow)})
        )
        others = []
        for _turn in range(3):
            others.append(await ask_for("boris", "GET", f"/threads/{story}"))
            others.append(
                await ask_for("boris", "POST", f"/contributions/{story}/comments", data={"text": "It is so."})
            )
        return [*others, await sending]

    assert asyncio.run(run()) == [200, 303] * 3 + [303]
    assert done[-1] == "POST /apples"


def test_two_who_send_pictures_at_once_both_succeed(apples: Town) -> None:
    async def send(name: str, colour: tuple[int, int, int]) -> int:
        data = picture("PNG", Image.new("RGB", (3000, 2000), colour))
        async with browser(apples, name) as client:
            return int(
                (
                    await client.post("/apples", data={"title": f"Apples of {name}"}, files={"image": ("a.png", data)})
                ).status_code
            )

    async def run() -> list[int]:
        return await asyncio.gather(send("anna", (200, 0, 0)), send("boris", (0, 0, 200)))

    assert asyncio.run(run()) == [303, 303]
    with apples.read() as db:
        owners = db.scalars(select(File.owner_id).order_by(File.owner_id)).all()
        assert list(owners) == sorted(apples.person(db, name).id for name in ("anna", "boris"))
        assert len(set(db.scalars(select(File.digest)))) == 2


def test_whoever_goes_away_in_the_middle_leaves_nothing_behind(apples: Town) -> None:
    cookie = apples.client("anna").cookies["codesign"]
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
    headers = {
        "host": "alder.localhost",
        "content-type": "multipart/form-data; boundary=x",
        "cookie": f"codesign={cookie}",
    }
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": "/apples", "raw_path": b"/apples", "query_string": b"", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "client": ("10.0.0.1", 5), "state": {},
        "server": ("alder.localhost", 80), "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    messages = [{"type": "http.request", "body": head + large_photo(), "more_body": True}, {"type": "http.disconnect"}]
    answered: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        answered.append(message)

    asyncio.run(apples.world.app(scope, receive, send))
    assert (answered, messages, count_files(apples)) == ([], [], 0)
