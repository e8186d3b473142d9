"""A sandbox to which nothing refers any more stops by itself, as in a notebook."""

from __future__ import annotations

import gc
import os
import pickle
import threading
import warnings
from pathlib import Path
from typing import List, Set

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.sandbox import _kept

EXAMPLE = {"attachment": "https://example.com/1.jpg", "categories": ["cow"]}


def threads() -> Set[threading.Thread]:
    return {t for t in threading.enumerate() if t.name.startswith("scaleapi-sandbox")}


def wait_for(ended: Set[threading.Thread]) -> None:
    for thread in ended:
        thread.join(30)
        assert not thread.is_alive()


def temporary_folders(path: Path) -> List[str]:
    return [name for name in os.listdir(path) if name.startswith("scaleapi-sandbox-")]


def test_a_cell_that_is_run_again_and_again_leaves_one_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = threads()
    urls = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(5):
            sandbox = Sandbox().start()
            with ScaleClient(sandbox.api_key, api_instance_url=sandbox.url) as client:
                client.create_project("cows", "categorization")
            urls.append(sandbox.url)
        running = {t for t in threads() - before if t.is_alive()}
        sandbox.complete  # noqa: B018  (refers to the last one until here)
        own = {sandbox._running.server._thread, sandbox._running.callbacks.thread}
        wait_for(running - own)
    texts = [str(w.message) for w in caught if w.category is RuntimeWarning]
    assert len(texts) == 4
    for url in urls[:-1]:
        assert any(f"The sandbox at {url} has stopped" in text for text in texts)
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=30)
    assert len(temporary_folders(tmp_path)) == 1
    assert requests.get(f"{sandbox.url[:-3]}/", timeout=30).status_code == 200
    sandbox.stop()
    assert temporary_folders(tmp_path) == []


def test_one_in_a_cycle_is_stopped_by_the_collector() -> None:
    before = threads()
    sandbox = Sandbox().start()
    sandbox.itself = sandbox  # type: ignore[attr-defined]
    own = threads() - before
    del sandbox
    with pytest.warns(RuntimeWarning, match="keep the Sandbox"):
        gc.collect()
        wait_for(own)


def test_a_client_that_it_has_made_keeps_it() -> None:
    before = threads()
    client = Sandbox().start().client(live=True, timeout=(3, 30))
    own = threads() - before
    task = client.create_task("categorization", **EXAMPLE)
    api = client.api
    del client
    gc.collect()
    task.refresh()  # it refers to the client
    assert task.status == "pending"
    del task
    gc.collect()
    assert api.get_request("tasks")["total"] == 1
    pickle.loads(pickle.dumps(api)).close()  # a copy keeps nothing, and can be made
    api.close()
    with pytest.warns(RuntimeWarning, match="keep the Sandbox"):
        del api
        gc.collect()
        wait_for(own)


def test_a_fixed_port_or_a_kept_file_keeps_it(tmp_path: Path) -> None:
    with Sandbox() as other:
        port = int(other.url.split(":")[2].split("/")[0])
    before = threads()
    url = Sandbox(port=port).start().url
    kept = Sandbox(db=str(tmp_path / "state.db")).start().url
    gc.collect()
    for address in (url, kept):
        assert requests.get(address[: -len("v1")], timeout=30).status_code == 200
    for sandbox in list(_kept):
        if sandbox.url in (url, kept):
            sandbox.stop()
    assert threads() <= before


def test_the_finalizer_waits_for_nothing() -> None:
    before = threads()
    sandbox = Sandbox().start()
    own = threads() - before
    parts = sandbox._running
    # The collector may run in any thread, whatever lock that holds.
    with pytest.warns(RuntimeWarning, match="keep the Sandbox"):
        with parts.callbacks._changed, parts.database._lock:
            del sandbox
            assert parts.server._abandoned
        wait_for(own)
