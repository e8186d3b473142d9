from __future__ import annotations

from typing import List

import pytest

from tests.download.fileserver import Files
from tests.faultserver import FaultServer


@pytest.fixture
def files(
    fault_server: FaultServer, waits: List[float], monkeypatch: pytest.MonkeyPatch
) -> Files:
    """A server of files that is that of the API, too; retries come at once."""
    monkeypatch.setattr("scaleapi._transport.retry._MAX_BACKOFF_S", 0.0)
    return Files(fault_server)
