"""`check_key`: asks the API once who the key belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from scaleapi._transport.redact import masked_address
from scaleapi.batches import BatchCalls
from scaleapi.exceptions import ScaleException, ScaleUnauthorized


@dataclass(frozen=True)
class KeyCheck:
    """What is known of a key that the API has accepted. ``print(check)`` shows it.

    The API does not say whose key it is, so the newest batch is what tells one account
    from another.

    Attributes:
        mode: ``"test"``, ``"live"``, or None if the form of the key says neither.
        url: The base address that has accepted the key, without a password.
        batches: Number of batches that the key can see.
        newest_batch: Name of the newest batch; None if there is none.
        newest_batch_project: Name of the project of that batch; None if there is none.
    """

    mode: Optional[str]
    url: str
    batches: int
    newest_batch: Optional[str] = None
    newest_batch_project: Optional[str] = None

    def __str__(self) -> str:
        number = "1 batch" if self.batches == 1 else f"{self.batches:,} batches"
        newest = (
            ""
            if self.newest_batch is None
            else f", the newest {self.newest_batch!r} of project "
            f"{self.newest_batch_project!r}"
        )
        return f"{_kind(self.mode)}, accepted by {self.url}: {number}{newest}"


class KeyCalls(BatchCalls):
    """The call of `ScaleClient` about its key."""

    def check_key(self) -> KeyCheck:
        """Ask the API whether it accepts the key, and what the key can see.

        It sends one request, which reads one batch and changes nothing.

        Raises:
            ScaleUnauthorized: The API does not accept the key (401), or does not let it
                read batches (403).
            ScaleConnectionError: The API did not answer.
        """
        url = masked_address(str(self.api.base_api_url))
        mode = self.api.mode
        try:
            page = self.batches(limit=1)
        except ScaleException as error:
            if error.code not in (401, 403):
                raise
            refused = ScaleUnauthorized(
                f"{url} does not accept the API key ({_kind(mode)}): {error.message}",
                error.code,
            )
            refused.headers, refused.body = error.headers, error.body
            refused.attempts = error.attempts
            raise refused from error
        newest = page[0] if page else None
        return KeyCheck(
            mode,
            url,
            page.total if isinstance(page.total, int) else len(page),
            newest.name if newest else None,
            newest.project if newest else None,
        )


def _kind(mode: Optional[str]) -> str:
    return f"{mode} key" if mode else "key of unknown form"
