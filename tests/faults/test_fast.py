"""Tests of the speed-up itself: what is done once and not for each request."""

from __future__ import annotations

from typing import Any, List

import pytest

from scaleapi import ScaleClient
from scaleapi._transport import fast
from tests.faultserver import FaultServer


def test_a_client_reads_the_certificates_once_for_all_connections(
    tls_server: FaultServer, roots: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: List[int] = []
    make = fast.create_urllib3_context

    def counted(**options: Any) -> Any:
        made.append(1)
        return make(**options)

    monkeypatch.setattr(fast, "create_urllib3_context", counted)
    client = ScaleClient("test_x", None, tls_server.url, roots)
    for address in ("localhost", "LOCALHOST", "localhost"):
        client.api.base_api_url = tls_server.url.replace("localhost", address)
        assert client.get_task("1").id == "1"
    assert len(made) == 1
