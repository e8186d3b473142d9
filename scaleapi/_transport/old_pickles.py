"""Names that pickles of earlier versions have for what is in other modules now.

A pickled client, and so each pickled object with its client, names the classes of its
parts. A class that is moved or renamed gets a line here.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Dict

from requests.auth import HTTPBasicAuth

from scaleapi._transport import session
from scaleapi._transport.adapter import Adapter
from scaleapi._transport.rate_limiter import AdaptiveRateLimiter
from scaleapi._transport.redact import Redactor
from scaleapi._transport.retry import RetryPolicy

_MOVED: Dict[str, Dict[str, Any]] = {
    "scaleapi._adapter": {"Adapter": Adapter},
    "scaleapi._redact": {"Redactor": Redactor},
    "scaleapi._session": {
        "_Key": HTTPBasicAuth,
        "_NoCookies": session._NoCookies,
        "_restored": session._restored,
    },
    "scaleapi.pacing": {"Pacer": AdaptiveRateLimiter},
    "scaleapi.retry": {"RetryPolicy": RetryPolicy},
}

#: Former name of an attribute of `Api` -> its name now.
ATTRIBUTES = {"_pacer": "_rate_limiter"}


def register() -> None:
    """Let pickle import each module of former times; ``scaleapi.api`` calls this."""
    for name, members in _MOVED.items():
        module = ModuleType(name, "What pickles of earlier versions name.")
        vars(module).update(members)
        sys.modules.setdefault(name, module)
