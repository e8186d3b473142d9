"""The pytest fixtures, in separate pytest sessions that find the plugin."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Dict, List

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
#: Plugins of this environment that need a hidden package, or are slow to load.
OTHERS = [
    f"-pno:{name}"
    for name in (
        "anyio",
        "hypothesispytest",
        "pook",
        "pytest-betamax",
        "requests_mock",
        "schemathesis",
        "time_machine",
    )
]


def declared() -> Dict[str, str]:
    """Return the entry points for pytest that the package declares."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    lines = config["options.entry_points"]["pytest11"].strip().splitlines()
    return dict((part.strip() for part in line.split("=")) for line in lines)


def install(folder: Path) -> Path:
    """Make a folder in which the package is installed, as far as pytest can see."""
    info = folder / "scaleapi-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scaleapi\nVersion: 0")
    points = "".join(f"{name} = {target}\n" for name, target in declared().items())
    (info / "entry_points.txt").write_text(f"[pytest11]\n{points}")
    # pytest marks the files that are listed here for rewriting.
    (info / "RECORD").write_text("scaleapi/__init__.py,,\n")
    return folder


def python_path(folder: Path) -> str:
    """Return the PYTHONPATH with which Python finds what is installed in a folder."""
    return f"{folder}{os.pathsep}{ROOT}"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the package is installed, for the Pythons of a test."""
    folder = install(tmp_path / "site")
    monkeypatch.setenv("PYTHONPATH", python_path(folder))
    return folder


OPTIONS = ["-W", "error", "-p", "no:cacheprovider", *OTHERS]


def run(pytester: pytest.Pytester, *options: str) -> Any:
    return pytester.runpytest_subprocess(*OPTIONS, *options, timeout=120)


FRESH = """
    import pytest

    SEEN = []

    @pytest.mark.parametrize("number", range(6))
    def test_fresh(number, scale_sandbox, scale_client, scale_live_client):
        for client in (scale_client, scale_live_client):
            assert client.projects() == []
            assert client.tasks().total == 0
        assert len(scale_sandbox.requests) == 4
        assert len(scale_sandbox.faults) == 0
        assert scale_sandbox.api_key not in SEEN
        SEEN.append(scale_sandbox.api_key)
        scale_client.create_project("cows", "chat")
        scale_live_client.create_task("chat", unique_id="same")
        scale_sandbox.faults.add(status=400, times=None)
        scale_sandbox.rate_limit(1)
        scale_sandbox.clock.advance(10**6)
        before.append(scale_sandbox.url)
        assert len(set(before)) == 1

    before = []
"""

#: Name -> tests of a file that pytest runs with the fixtures of the plugin.
FILES = {
    "available": """
        def test_whole_work(scale_sandbox, scale_live_client):
            task = scale_live_client.create_task(
                "categorization", attachment="https://example.com/1.jpg",
                categories=["cow", "calf"],
            )
            scale_sandbox.complete(task.id, {"category": "calf"})
            task.refresh()
            assert task.response == {"category": "calf"}

        def test_test_key(scale_client):
            task = scale_client.create_task("chat")
            task.refresh()
            assert task.status == "completed"

        def test_control_over_http_means_the_key_of_the_test(
            scale_sandbox, scale_client
        ):
            import requests

            scale_client.create_project("p", "categorization")
            scale_client.create_batch("p", "b")
            origin = scale_sandbox.url[: -len("v1")]
            answer = requests.post(origin + "control/batches/b/archive", timeout=30)
            assert answer.status_code == 200, answer.text
    """,
    "fresh": FRESH,
    "stopped": """
        import pytest
        from scaleapi import ScaleClient
        from scaleapi.exceptions import ScaleConnectionError

        def test_stops(scale_sandbox):
            key, url = scale_sandbox.api_key, scale_sandbox.url
            scale_sandbox.stop()
            with ScaleClient(key, api_instance_url=url, max_retries=0) as client:
                with pytest.raises(ScaleConnectionError):
                    client.create_task("chat")

        def test_goes_on(scale_client):
            assert scale_client.create_task("chat").status == "pending"
    """,
    "proxied": """
        import os

        def test_reaches_it(scale_client):
            assert os.environ["HTTP_PROXY"]
            assert os.environ["no_proxy"] == "corp.example,127.0.0.1"
            assert scale_client.projects() == []
    """,
    "closed": """
        import pytest
        from scaleapi import ScaleClient

        closed = []

        @pytest.fixture(autouse=True)
        def noted(monkeypatch):
            close = ScaleClient.close
            monkeypatch.setattr(
                ScaleClient, "close", lambda self: (closed.append(self), close(self))
            )

        def test_uses_both(scale_client, scale_live_client):
            scale_client.projects()

        def test_looks():
            assert len(closed) == 2
    """,
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a pytest that ran all `FILES`, with a proxy in its environment."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (folder / f"test_{name}.py").write_text(textwrap.dedent(text))
    environment = {
        **os.environ,
        **dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9"),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "corp.example"),
        "PYTHONPATH": python_path(install(folder / "site")),
        "PYTEST_ADDOPTS": "",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", *OPTIONS],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        timeout=120,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("name", "number"),
    [
        pytest.param("available", 3, id="the fixtures are available"),
        pytest.param("fresh", 6, id="each test has an empty world on the same server"),
        pytest.param("stopped", 2, id="a test can stop its sandbox"),
        pytest.param("proxied", 1, id="a proxy of the environment is not used"),
        pytest.param("closed", 2, id="the client is closed at the end"),
    ],
)
def test_the_fixtures_work_without_a_conftest(
    report: str, name: str, number: int
) -> None:
    results = [line for line in report.splitlines() if f"test_{name}.py::" in line]
    passed = [line for line in results if " PASSED " in line]
    assert len(passed) == len(results) == number, report


def test_the_fixtures_are_listed(pytester: pytest.Pytester, site: Path) -> None:
    shown = run(pytester, "--fixtures").stdout.str()
    for name in ("scale_sandbox", "scale_client", "scale_live_client"):
        assert f"{name} --" in shown
    assert "_scale_sandbox_server" not in shown


def test_the_plugin_works_with_xdist(pytester: pytest.Pytester, site: Path) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(FRESH)
    result = run(pytester, "-n", "2")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["*2 workers*"])


def hide(site: Path, name: str) -> None:
    """Let a library be missing."""
    text = f"No module named '{name}'"
    code = f"raise ModuleNotFoundError({text!r}, name={name!r})\n"
    (site / f"{name}.py").write_text(code)


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_sandbox_extra_the_fixture_says_what_to_install(
    pytester: pytest.Pytester, site: Path, missing: str
) -> None:
    hide(site, missing)
    pytester.makepyfile(
        """
        def test_needs_it(scale_sandbox):
            pass

        def test_needs_it_too(scale_client):
            pass

        def test_does_not():
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=2, passed=1)
    assert result.stdout.str().count('pip install "scaleapi[sandbox]"') >= 2
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def modules(script: str) -> List[str]:
    """Return the modules that a script imports, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys; print(*sys.modules)"],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout.split()


def test_the_entry_point_imports_nothing_but_pytest(site: Path) -> None:
    (target,) = declared().values()
    # pytest itself imports what `importlib.metadata` needs.
    before = modules("import pytest, importlib.metadata")
    after = modules(f"import pytest, importlib.metadata, {target}")
    ours = {"scaleapi", "scaleapi._version", "scaleapi.pytest_plugin"}
    assert set(after) - set(before) == ours
    for library in ("requests", "urllib3", "starlette", "uvicorn", "PIL"):
        assert library not in after


def test_pytest_finds_the_entry_point_and_p_no_scaleapi_disables_it(
    pytester: pytest.Pytester, site: Path
) -> None:
    pytester.makepyfile("def test_nothing(request): pass")
    shown = run(pytester, "--trace-config").stdout.str()
    assert "scaleapi.pytest_plugin" in shown
    shown = run(pytester, "--fixtures", "-p", "no:scaleapi").stdout.str()
    assert "scale_sandbox" not in shown


STARTS = [
    [],
    ["-p", "scaleapi"],
    ["-p", "scaleapi.pytest_plugin"],
    ["-p", "no:scaleapi", "-p", "scaleapi.pytest_plugin"],
]


@pytest.mark.parametrize("options", STARTS, ids=" ".join)
def test_pytest_starts_in_a_program_that_has_imported_the_package(
    pytester: pytest.Pytester, site: Path, options: List[str]
) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    test = pytester.makepyfile("def test_it(scale_client): scale_client.projects()")
    main = "sys.exit(pytest.main(sys.argv[1:]))"
    imports = "import sys, scaleapi, scaleapi.pytest_plugin, pytest"
    result = pytester.run(
        sys.executable,
        *("-W", "error", "-c", f"{imports}; {main}"),
        *("-p", "no:cacheprovider", *OTHERS, *options, test),
        timeout=120,
    )
    result.assert_outcomes(passed=1)
    assert "warning" not in result.stdout.str().lower()


def test_pytest_warns_of_another_package_that_was_imported_before(
    pytester: pytest.Pytester, site: Path
) -> None:
    """The test above relies on this: pytest marks the files of a package."""
    (site / "other.py").touch()
    record = site / "scaleapi-0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "other.py,,\n")
    result = pytester.run(
        *(sys.executable, "-c", "import other, pytest; pytest.main()"),
        *("-p", "no:cacheprovider", *OTHERS),
        timeout=120,
    )
    result.stdout.fnmatch_lines(["*already imported so cannot be rewritten*other*"])


@pytest.mark.parametrize("autoload", [True, False])
def test_a_conftest_can_name_the_plugin(
    pytester: pytest.Pytester,
    site: Path,
    monkeypatch: pytest.MonkeyPatch,
    autoload: bool,
) -> None:
    if not autoload:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest('pytest_plugins = ["scaleapi.pytest_plugin"]')
    pytester.makepyfile("def test_it(scale_client): scale_client.projects()")
    run(pytester).assert_outcomes(passed=1)
