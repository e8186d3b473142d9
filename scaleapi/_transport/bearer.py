"""`Bearer`: sends the key as a token."""

from __future__ import annotations

from typing import Any

from requests.auth import AuthBase


class Bearer(AuthBase):
    """Sends the key as a token, ``Authorization: Bearer KEY``.

    Its ``repr`` does not show the key.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bearer) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def header(self) -> str:
        """The header ``Authorization``."""
        return f"Bearer {self._key}"

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = self.header
        return request
