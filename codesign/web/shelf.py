"""The shelf: what was rendered is kept here, bounded in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    @property
    def size(self) -> int:
        """Bytes in memory."""


Item = TypeVar("Item", bound=Sized)
NEW_SHARE = 4


class Shelf(Generic[Item]):
    """Keeps the items that are asked for, up to `limit` bytes.

    An item that was asked for once waits in a quarter of the space; asked for again, it moves to the rest
    (the segmented LRU of Karedla, Love and Wherry 1994). So a crawler that reads every page once, or a stranger who
    invents addresses, does not push out the pages that people read.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._new: OrderedDict[Hashable, Item] = OrderedDict()
        self._proven: OrderedDict[Hashable, Item] = OrderedDict()
        self._new_size = self._proven_size = 0

    @property
    def size(self) -> int:
        """Bytes of everything that is kept."""
        return self._new_size + self._proven_size

    def __len__(self) -> int:
        return len(self._new) + len(self._proven)

    def get(self, key: Hashable) -> Item | None:
        item = self._proven.get(key)
        if item is not None:
            with suppress(KeyError):  # somebody else took it away just now
                self._proven.move_to_end(key)
            return item
        if key not in self._new:
            return None
        with self._lock:
            item = self._take(key)
            if item is not None:
                self._proven[key] = item
                self._proven_size += item.size
                self._shrink()
        return item

    def put(self, key: Hashable, item: Item) -> None:
        """Keep it, in the place of what was there. What is larger than all the space is not kept."""
        with self._lock:
            proven = key in self._proven
            self._take(key)
            if item.size > self.limit // NEW_SHARE:
                return
            if proven:
                self._proven[key] = item
                self._proven_size += item.size
            else:
                self._new[key] = item
                self._new_size += item.size
            self._shrink()

    def drop(self, key: Hashable) -> None:
        with self._lock:
            self._take(key)

    def _take(self, key: Hashable) -> Item | None:
        item = self._new.pop(key, None)
        if item is not None:
            self._new_size -= item.size
            return item
        item = self._proven.pop(key, None)
        if item is not None:
            self._proven_size -= item.size
        return item

    def _shrink(self) -> None:
        while self._new_size > self.limit // NEW_SHARE:
            self._new_size -= self._new.popitem(last=False)[1].size
        while self.size > self.limit:
            self._proven_size -= self._proven.popitem(last=False)[1].size
