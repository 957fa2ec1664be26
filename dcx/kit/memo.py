"""A small memory of answers, by everything that they rest on."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """The last `most` answers. Two threads may both work one out; neither gets a wrong one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def recall(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer to a key, worked out where it is not known. Nobody may change it."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
