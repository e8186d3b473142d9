"""A server that speaks TLS, with a certificate authority of its own."""

from __future__ import annotations

import ssl
from typing import Any, Iterator

import pytest
import trustme

from tests.faultserver import Answer, FaultServer


@pytest.fixture(scope="package")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with FaultServer(context) as server:
        server.play(Answer(200, {"task_id": "1"}))
        yield server


@pytest.fixture
def roots(authority: trustme.CA, tmp_path: Any) -> str:
    path = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)
