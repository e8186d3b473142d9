"""Loads the redirect in a Python process of a command that is run.

Python imports a module of this name whenever it starts. Pythons that are too old for
the redirect can read this file, too, because their programs must not run.
"""

import os
import sys

if __name__ == "sitecustomize":
    try:
        import _scaleapi_redirect  # type: ignore[import-not-found]

        _scaleapi_redirect.install()
    except BaseException as error:
        # Python would go on, and the program would call the real API.
        reason = "%s: %s" % (type(error).__name__, error)
        if sys.version_info < (3, 7):
            reason = "Python 3.7 or newer is needed"
        sys.stderr.write(
            "python -m scaleapi.sandbox run: this Python process cannot be sent to the "
            "sandbox, so it does not run: %s\n" % reason
        )
        sys.stderr.flush()
        os._exit(125)
    _scaleapi_redirect.run_hidden()
