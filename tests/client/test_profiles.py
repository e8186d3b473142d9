"""Profiles: the credentials file, who may write it, and clients made of it."""

from __future__ import annotations

import os
import shlex
import stat
import sys
import threading
import traceback
import warnings
from pathlib import Path
from typing import Any, Callable, List

import pytest

from scaleapi import Profile, ScaleClient, ScaleException, ScaleProfileError, profiles
from scaleapi.profiles import credentials_file, key_command
from scaleapi.sandbox import Sandbox

posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners of POSIX")
SECRET = "live_s3cret"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Path of the credentials file of the test, which is not there yet."""
    path = tmp_path / "home" / ".scaleapi" / "credentials"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    return path


@pytest.fixture
def written(file: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))
        file.chmod(0o600)
        return file

    return write


def python(code: str) -> str:
    """Return a command that runs Python code."""
    return f"{shlex.quote(sys.executable)} -S -c {shlex.quote(code)}"


def error_of(call: Callable[[], Any]) -> str:
    """Return the error of a call, after a look for the secret in all that it shows."""
    with pytest.raises(ScaleProfileError) as caught:
        call()
    frames = traceback.walk_tb(caught.value.__traceback__)
    ours = [frame for frame, _ in frames if "scaleapi" in frame.f_globals["__name__"]]
    assert ours
    assert SECRET not in f"{caught.value!r} {[frame.f_locals for frame in ours]}"
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert caught.value.attempts == 0
    return str(caught.value)


def test_a_client_of_a_profile_has_its_key_its_address_and_its_callback_key(
    file: Path, sandbox: Sandbox
) -> None:
    profiles.write_profile(
        "cöws", api_key="test_a%b", url=sandbox.url, callback_key="cb"
    )
    client = ScaleClient.from_profile("cöws", source="x/1", max_retries=0)
    assert client.projects() == []
    assert (client.api.api_key, client.mode) == ("test_a%b", "test")
    assert client.callback_key == "cb"
    assert ScaleClient("test_x").callback_key is None


def test_the_profile_is_that_of_the_argument_or_of_the_environment_or_default(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALE_API_KEY", "test_env")
    written("[default]\napi_key=test_d\n[a]\napi_key=test_a\n[b]\napi_key=test_b\n")
    assert ScaleClient.from_profile().api.api_key == "test_d"
    monkeypatch.setenv("SCALE_PROFILE", "b")
    assert ScaleClient.from_profile().api.api_key == "test_b"
    assert ScaleClient.from_profile("a").api.api_key == "test_a"
    monkeypatch.setenv("SCALE_PROFILE", "")
    assert profiles.profile_name() == "default"
    assert ScaleClient().api.api_key == "test_env"


def test_a_client_without_a_profile_does_not_read_the_file(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(f"[default]\napi_key = {SECRET}\n")
    monkeypatch.setenv("SCALE_PROFILE", "default")
    with pytest.raises(ScaleException, match="provide a valid API Key"):
        ScaleClient()


def test_an_address_is_that_of_the_option_or_of_the_profile_or_of_the_environment(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    written("[a]\napi_key=test_a\nurl=https://a/v1\n[b]\napi_key=test_b\n")
    monkeypatch.setenv("SCALE_API_URL", "https://env/v1")

    def address(name: str, **options: Any) -> str:
        return ScaleClient.from_profile(name, **options).api.base_api_url

    assert address("a", api_instance_url="https://option/v1") == "https://option/v1"
    assert address("a") == "https://a/v1"
    assert address("b") == "https://env/v1"


def test_a_variable_does_not_send_a_live_key_of_a_profile_elsewhere(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles.write_profile("a", api_key=SECRET)
    profiles.write_profile("b", api_key=SECRET, url="https://b/v1")
    monkeypatch.setenv("SCALE_API_URL", f"https://u:{SECRET}@evil/v1")
    error = error_of(lambda: ScaleClient.from_profile("a"))
    assert error.startswith(f"{file}, [a], url: is not set, but SCALE_API_URL is")
    assert ScaleClient.from_profile("b").api.base_api_url == "https://b/v1"
    given = ScaleClient.from_profile("a", api_instance_url="https://c/v1")
    assert given.api.base_api_url == "https://c/v1"
    for harmless in ("http://127.0.0.1:1/v1", "https://api.scale.com/v1/"):
        monkeypatch.setenv("SCALE_API_URL", harmless)
        client = ScaleClient.from_profile("a")
        assert client.api.base_api_url == harmless.rstrip("/")


def test_a_refusal_of_the_key_of_a_profile_does_not_show_it(file: Path) -> None:
    profiles.write_profile("a", api_key=SECRET, callback_key=f"{SECRET}2")
    with pytest.raises(ValueError, match="only test keys") as caught:
        ScaleClient.from_profile("a", require="test")
    text = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    assert SECRET not in "".join(text.format())


def test_a_key_is_taken_from_the_profile_only(file: Path) -> None:
    with pytest.raises(TypeError, match="takes the key from the profile"):
        ScaleClient.from_profile("a", api_key="test_b")


def test_a_live_key_of_a_profile_is_not_sent_unencrypted(file: Path) -> None:
    profiles.write_profile("a", api_key=SECRET, url="http://api.scale.com/v1")
    assert "unencrypted" in error_of(lambda: ScaleClient.from_profile("a"))
    profiles.write_profile("a", api_key=SECRET, url="https://api.scale.com/v1?x")
    assert "[a], url: must end" in error_of(lambda: ScaleClient.from_profile("a"))


def test_a_profile_shows_no_key() -> None:
    profile = Profile("a", SECRET, "https://h/v1", SECRET, f"x {SECRET}")
    assert SECRET not in f"{profile} {profile!r}"
    assert (profile.mode, Profile("b", "other").mode) == ("live", None)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("", "neither of api_key and key_command"),
        ("url = https://a", "neither of api_key and key_command"),
        (f"api_key={SECRET}\nkey_command=x", "both of api_key and key_command"),
        (f"api_key={SECRET}\n{SECRET}=x", "not known; known are api_key"),
        (f"apikey={SECRET}", "not known (do you mean api_key?)"),
        ("api_key=", "api_key is empty"),
        (f"api_key='{SECRET}'", "api_key is in quotes"),
        (f"api_key={SECRET} # new", "api_key has a space"),
        (f"api_key={SECRET}€", "api_key may have Latin letters only"),
        (f"api_key={SECRET}\ncallback_key=", "callback_key is empty"),
        (f"api_key={SECRET}\nurl=api.scale.com", "url must begin with https://"),
        (f"api_key=x\nurl=https://u:{SECRET}@a/v1", "url must not have a user name"),
        (f"api_key={SECRET}\0", "api_key has a line break or another control"),
        ("key_command=", "key_command is empty"),
        (f"key_command=echo '{SECRET}", "key_command has a quote that is not closed"),
        (f"key_command={SECRET}", "key_command: the program is not in PATH"),
    ],
)
def test_an_error_in_a_section_names_it_and_shows_no_key(
    written: Callable[[str], Path], section: str, message: str
) -> None:
    path = written(f"[other]\napi_key={SECRET}\n[ä]\n{section}\n")
    error = error_of(lambda: ScaleClient.from_profile("ä"))
    assert error.startswith(f"{path}, [ä]: ")
    assert message in error


def test_a_line_that_is_not_ini_is_named_and_not_shown(
    written: Callable[[str], Path],
) -> None:
    path = written(f"\ufeff[a]\r\n{SECRET}\r\n")
    assert error_of(profiles.read_profile).startswith(f"{path}: line 2 is neither")
    assert error_of(profiles.profile_names).startswith(f"{path}: line 2")
    path.write_bytes(f"[a]\napi_key = {SECRET}\xff".encode("latin-1"))
    assert error_of(profiles.read_profile) == f"{path}: line 2 is not UTF-8"
    path.write_bytes(f"[a]\napi_key = {SECRET}".encode("utf-16"))
    assert "is UTF-16" in error_of(profiles.read_profile)
    path.write_bytes(b"#" * 1_000_001)
    assert "too large" in error_of(profiles.read_profile)


def test_a_profile_that_is_missing_is_named_with_those_that_exist(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no such file" in error_of(profiles.read_profile)
    assert profiles.profile_names() == []
    profiles.write_profile("a", api_key=SECRET)
    monkeypatch.setenv("SCALE_PROFILE", "b")
    error = error_of(profiles.read_profile)
    assert error == f"{file}: has no profile 'b' (SCALE_PROFILE); it has 'a'"
    # Some people pass the key.
    assert "'live_...'" in error_of(lambda: profiles.read_profile(SECRET))
    assert "no profile 'b'" in error_of(lambda: profiles.remove_profile("b"))


@pytest.mark.parametrize("name", ["", " ", "a]", "[a", "a\nb", "a\0", 5])
def test_a_name_must_fit_a_section(file: Path, name: Any) -> None:
    assert "the name of a profile must" in error_of(
        lambda: profiles.write_profile(name, api_key=SECRET)
    )
    assert not file.parent.exists()


@pytest.mark.parametrize("moved", ["credentials", "./.scaleapi/credentials", "/a\0b"])
def test_a_path_that_names_another_file_in_each_folder_is_refused(
    moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # setenv refuses the character NUL.
    monkeypatch.setattr(os, "environ", {"SCALE_CREDENTIALS_FILE": moved})
    assert "must be an absolute path" in error_of(profiles.profile_names)


def test_the_environment_moves_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALE_CREDENTIALS_FILE", os.path.join("~", "moved"))
    profiles.write_profile("a", api_key="test_a")
    assert profiles.credentials_path() == str(file.parent.parent / "moved")
    assert profiles.profile_names() == ["a"]
    assert not file.parent.exists()


# Writing


@posix
def test_only_the_owner_can_read_what_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: List[int] = []
    real_open = os.open

    def noting(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        descriptor = real_open(path, flags, mode, **options)
        modes.append(os.fstat(descriptor).st_mode & 0o077)
        return descriptor

    old = os.umask(0)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", noting)
            profiles.write_profile("a", api_key="test_a")
    finally:
        os.umask(old)
    assert len(modes) >= 3  # the lock, the new file, the folder
    assert not any(modes)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    with pytest.warns(UserWarning, match="other users can read"):
        profiles.write_profile("b", api_key="test_b")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_writing_replaces_one_profile_and_keeps_the_rest(
    written: Callable[[str], Path],
) -> None:
    path = written(
        "# mine\n[a]\napi_key = test_0\nurl = https://a\n\n# b\n[b]\nx = y\n"
    )
    profiles.write_profile("a", key_command="pass  show 'a b'")
    text = "# mine\n[a]\nkey_command = pass  show 'a b'\n\n# b\n[b]\nx = y\n"
    assert path.read_text("utf-8") == text
    profiles.remove_profile("b")
    assert path.read_text("utf-8") == text[: text.index("[b]")]
    profiles.remove_profile("a")
    assert profiles.profile_names() == []


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"api_key": SECRET, "key_command": "x"},
        {"api_key": f"{SECRET}\n[b]"},
        {"api_key": SECRET, "url": "x\n[b]"},
        {"key_command": f"echo {SECRET}\n[b]"},
        {"key_command": f"echo {SECRET}\x0b[b]"},
        {"key_command": f"echo {SECRET}\ud800"},
        {"api_key": "x", "url": f"https://{SECRET}\ud800"},
        {"key_command": "'"},
    ],
)
def test_what_cannot_be_read_again_is_not_written(file: Path, arguments: Any) -> None:
    error = error_of(lambda: profiles.write_profile("a", **arguments))
    assert error.startswith(f"{file}, [a], not written: ")
    assert not file.parent.exists()


def test_a_failure_leaves_the_file_as_it_was_and_nothing_else(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written("[a]\napi_key = test_a\n")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        error = error_of(lambda: profiles.write_profile("b", api_key=SECRET))
    assert error == f"{path}: cannot be written: No space left on device"
    assert path.read_text("utf-8") == "[a]\napi_key = test_a\n"
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "credentials",
        "credentials.lock",
    ]


def test_what_a_killed_writer_has_left_is_removed(file: Path) -> None:
    profiles.write_profile("a", api_key="test_a")
    left = file.with_name("credentials.new")
    left.write_text(SECRET)
    left.chmod(0o644)
    profiles.write_profile("b", api_key="test_b")
    assert not left.exists()
    assert profiles.profile_names() == ["a", "b"]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_value_must_be_a_str(file: Path) -> None:
    wrong: Any = 5
    assert "api_key must be a str" in error_of(
        lambda: profiles.write_profile("a", api_key=wrong)
    )


def test_writers_at_the_same_time_lose_nothing(file: Path) -> None:
    def write(number: int) -> None:
        profiles.write_profile(f"p{number}", api_key=f"test_{number}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(profiles.profile_names()) == sorted(f"p{n}" for n in range(12))


@posix
def test_a_lock_that_is_held_forever_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    profiles.write_profile("a", api_key=SECRET)
    monkeypatch.setattr(credentials_file, "_LOCK_TIMEOUT_S", 0.0)
    with open(f"{file}.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        error = error_of(lambda: profiles.remove_profile("a"))
    assert error.endswith(f"it holds the lock of {file}.lock")
    profiles.remove_profile("a")


@posix
def test_a_symbolic_link_stays_and_its_file_is_replaced(
    file: Path, tmp_path: Path
) -> None:
    dotfiles = tmp_path / "dotfiles"
    file.parent.mkdir(parents=True)
    file.symlink_to(dotfiles / "scale")
    profiles.write_profile("a", api_key="test_a")
    profiles.write_profile("b", api_key="test_b")
    assert file.is_symlink()
    assert profiles.profile_names() == ["a", "b"]
    assert "test_b" in (dotfiles / "scale").read_text("utf-8")
    dotfiles.chmod(0o777)
    assert f"chmod go-w {dotfiles}" in error_of(profiles.profile_names)


# Who may have written it


@posix
def test_a_file_that_others_can_read_gets_a_warning(
    written: Callable[[str], Path],
) -> None:
    path = written("[default]\napi_key = test_a\n")
    for mode in (0o640, 0o604):
        path.chmod(mode)
        with pytest.warns(UserWarning, match=f"chmod 600 {path}"):
            assert profiles.read_profile().api_key == "test_a"
    path.chmod(0o600)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        profiles.read_profile()


@posix
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(
    written: Callable[[str], Path], mode: int
) -> None:
    path = written(f"[default]\napi_key = {SECRET}\n")
    path.chmod(mode)
    for call in (
        ScaleClient.from_profile,
        profiles.profile_names,
        lambda: profiles.write_profile("a", api_key=SECRET),
        lambda: profiles.remove_profile("default"),
    ):
        assert "other users can change it" in error_of(call)


@posix
def test_a_folder_that_others_can_write_is_refused_unless_it_is_sticky(
    written: Callable[[str], Path],
) -> None:
    path = written(f"[default]\napi_key = {SECRET}\n")
    path.parent.chmod(0o770)
    assert f"chmod go-w {path.parent}" in error_of(profiles.read_profile)
    assert "chmod go-w" in error_of(lambda: profiles.write_profile("a", api_key="x"))
    path.parent.chmod(0o1777)
    assert profiles.profile_names() == ["default"]


@posix
def test_a_file_of_another_user_is_refused(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(f"[default]\napi_key = {SECRET}\n")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert "belongs to another user" in error_of(profiles.read_profile)


@posix
@pytest.mark.skipif(
    os.name == "posix" and os.geteuid() != 0, reason="gives files away, as root can"
)
def test_a_folder_or_link_of_another_user_is_refused(
    written: Callable[[str], Path],
) -> None:
    path = written(f"[default]\napi_key = {SECRET}\n")
    os.chown(path.parent, 4711, -1)
    assert f"folder {path.parent} belongs to another" in error_of(profiles.read_profile)
    os.chown(path.parent, 0, -1)
    target = path.rename(path.with_name("other"))
    path.symlink_to(target)
    assert profiles.profile_names() == ["default"]
    os.chown(path, 4711, -1, follow_symlinks=False)
    assert "is a link of another user" in error_of(profiles.read_profile)
    os.chown(target, 4711, -1)
    assert "belongs to another user" in error_of(profiles.read_profile)


@posix
def test_what_is_not_a_file_is_refused(file: Path) -> None:
    file.parent.mkdir(parents=True)
    os.mkfifo(file, 0o600)
    assert "is not a file" in error_of(profiles.read_profile)
    file.unlink()
    file.mkdir()
    assert "is not a file" in error_of(profiles.read_profile)


# Commands that print the key


def test_a_command_prints_the_key(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)
    code = (
        "import os, sys; print('test_' + os.path.basename(os.getcwd()), end='\\r\\n')"
    )
    command = python(f"{code}; assert not sys.stdin.read()")
    profiles.write_profile("a", key_command=command)
    assert profiles.read_profile("a", run_command=False).api_key == ""
    profile = profiles.read_profile("a")
    # Not in the present folder, which may be someone else's.
    assert (profile.api_key, profile.key_command) == ("test_.scaleapi", command)
    assert ScaleClient.from_profile("a").mode == "test"


@posix
def test_no_shell_sees_the_command(file: Path, tmp_path: Path) -> None:
    profiles.write_profile("a", key_command=f"echo '$HOME;touch' ;touch {tmp_path}/x")
    assert "has a space" in error_of(lambda: profiles.read_profile("a"))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.exit(3)", "exited with 3; its output is not shown"),
        ("", "its output is empty"),
        ("print('a b')", "its output has a space"),
        ("print('x' * 20_000)", "prints too much for a key"),
        ("while True: print('x' * 2_000)", "prints too much for a key"),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "does not print text"),
    ],
)
def test_a_command_that_fails_is_an_error_without_its_output(
    file: Path, code: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    noise = f"import sys; print('{SECRET}', file=sys.stderr)\n"
    said = f"print('{SECRET}', flush=True)\n" if "3" in code else ""
    command = python(f"exec({noise + said + code!r})")
    profiles.write_profile("a", key_command=command)
    error = error_of(lambda: profiles.read_profile("a"))
    assert error.startswith(f"{file}, [a]: key_command: ")
    assert message in error
    assert capfd.readouterr() == ("", "")


def test_a_command_that_takes_too_long_is_ended(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_command, "TIMEOUT_S", 0.3)
    for wait in ("", "import sys; sys.stdout.close(); "):
        code = f"{wait}import time; time.sleep(60)"
        profiles.write_profile("a", key_command=python(code))
        assert "did not end within" in error_of(lambda: profiles.read_profile("a"))
