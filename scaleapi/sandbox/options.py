"""Named options: choose the behavior where accounts of the API differ."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple, Union

from scaleapi.sandbox.argument_checks import boolean, integer

_Value = Union[str, bool, int]


@dataclass(frozen=True)
class Option:
    """An option and its allowed values.

    Attributes:
        default: The value unless another one is chosen.
        values: The allowed strings; empty unless the option is a string.
        maximum: The largest allowed number, if the option is a number.
        help: What the option decides, in a few words.
    """

    default: _Value
    help: str
    values: Tuple[str, ...] = ()
    maximum: int = 0

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        if self.values:
            return " or ".join(f'"{value}"' for value in self.values)
        if isinstance(self.default, bool):
            return "true or false"
        return f"a whole number from 0 to {self.maximum}"

    def checked(self, name: str, value: Any) -> _Value:
        """Check a value and return it.

        Raises:
            TypeError: `value` has the wrong type.
            ValueError: `value` is not allowed.
        """
        if self.values:
            if not isinstance(value, str) or value not in self.values:
                raise ValueError(f"{name} must be {self.allowed}; got {value!r}")
            return str(value)
        if isinstance(self.default, bool):
            return boolean(name, value)
        return integer(name, value, 0, self.maximum)


#: Name -> option; the default comes first among the values.
OPTIONS: Dict[str, Option] = {
    "new_batches": Option(
        "staging",
        "status of a new batch under a live key in a standard project",
        ("staging", "in_progress"),
    ),
    "project_type_mismatch": Option(
        "accepted",
        "whether a task of another type than its project is taken",
        ("accepted", "refused"),
    ),
    "single_response": Option(
        "responses",
        "where a text collection with responses_required: 1 has its answers",
        ("responses", "annotations"),
    ),
    "track_file": Option(
        "bare",
        "what is around the tracks of a video",
        ("bare", "wrapped", "list", "inline"),
    ),
    "frame_key": Option(
        "video",
        "whether the key of a track's frame counts the frames of the video, or "
        "those annotated",
        ("video", "annotated"),
    ),
    "frame_time": Option(
        "timestamp",
        "under which key a track's frame has its time, if it has one",
        ("timestamp", "timestamp_secs", "none"),
    ),
    "keyframe_fields": Option(
        False, "whether a track's frames have keyframeType and isInferredKeyframe"
    ),
    "trailing_nuls": Option(
        0, "NUL bytes at the end of a JSON result of a video", maximum=65_536
    ),
    "attachment_downloads": Option(
        "always",
        "whether a single task has attachmentS3Downloads unasked",
        ("always", "on_request"),
    ),
}


class Options:
    """The options of a sandbox: its behavior where accounts of the API differ.

    Each option is an attribute that can be read and set at any time, also while the
    sandbox is running and from several threads.

    ::

        sandbox.options.new_batches = "in_progress"

    Args:
        **chosen: Option -> initial value, which `reset` restores.

    Raises:
        TypeError: A key of `chosen` is not an option, or its value has the wrong type.
        ValueError: A value in `chosen` is not allowed.
    """

    new_batches: str
    project_type_mismatch: str
    single_response: str
    track_file: str
    frame_key: str
    frame_time: str
    keyframe_fields: bool
    trailing_nuls: int
    attachment_downloads: str

    def __init__(self, **chosen: _Value) -> None:
        defaults = {name: option.default for name, option in OPTIONS.items()}
        self._lock = threading.Lock()
        #: Replaced as a whole by each change, so that readers need no lock.
        self._values = {**defaults, **_checked(chosen)}
        self._initial = self._values

    def __getattr__(self, name: str) -> Any:
        if name not in OPTIONS:
            raise AttributeError(_unknown(name))
        return self._values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        elif name in OPTIONS:
            self.update(**{name: value})
        else:
            raise AttributeError(_unknown(name))

    def __dir__(self) -> List[str]:
        return sorted([*super().__dir__(), *OPTIONS])

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self._values.items())
        return f"Options({options})"

    def update(self, **chosen: Any) -> None:
        """Change several options at once, or none of them if one is wrong.

        Args:
            **chosen: Option -> its new value; the others stay as they are.

        Raises:
            TypeError: A key of `chosen` is not an option, or its value has the wrong
                type.
            ValueError: A value in `chosen` is not allowed.
        """
        checked = _checked(chosen)
        with self._lock:
            self._values = {**self._values, **checked}

    def as_dict(self) -> Dict[str, _Value]:
        """Return the values of all options at one moment."""
        return dict(self._values)

    def snapshot(self) -> Options:
        """Return a copy with the current values."""
        return Options(**self._values)

    def reset(self) -> None:
        """Restore the initial values."""
        with self._lock:
            self._values = self._initial


def _checked(chosen: Dict[str, Any]) -> Dict[str, _Value]:
    for name in chosen:
        if name not in OPTIONS:
            raise TypeError(_unknown(name))
    return {name: OPTIONS[name].checked(name, v) for name, v in chosen.items()}


def _unknown(name: str) -> str:
    return f"unknown option {name}; the options are {', '.join(OPTIONS)}"
