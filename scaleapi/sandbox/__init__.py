"""A local stand-in for Scale's API: no key, no network, no cost.

Needs the extra ``scaleapi[sandbox]``.
"""

try:
    from scaleapi.sandbox.sandbox import Sandbox
except ModuleNotFoundError as error:
    if (error.name or "").startswith("scaleapi"):
        raise
    raise ImportError(
        f"the sandbox needs {error.name}, which is not installed: "
        f'pip install "scaleapi[sandbox]"'
    ) from error

__all__ = ["Sandbox"]
