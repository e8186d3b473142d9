"""The HTML page at ``/`` that shows the state of the sandbox."""

from scaleapi.sandbox.page.views import page_routes

__all__ = ["page_routes"]
