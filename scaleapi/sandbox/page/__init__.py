"""The page at ``/`` that shows people what the sandbox holds."""

from scaleapi.sandbox.page.views import page_routes

__all__ = ["page_routes"]
