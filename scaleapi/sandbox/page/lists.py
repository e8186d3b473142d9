"""The lists of a world: its projects, batches and tasks; and the API keys."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from scaleapi.sandbox.page.site import Site, query_of
from scaleapi.sandbox.store import TaskFilter
from scaleapi.sandbox.store.batches import BatchFilter


class Lists:
    """The views of lists."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def api_keys(self, request: Request) -> Response:
        """Show the API keys, each with the numbers of its world."""
        return self._site.html(
            "api_keys.html",
            **self._site.listed_worlds(request),
            api=f"{self._site.hosting.origin}/v1",
        )

    def projects(self, request: Request) -> Response:
        """Show the projects of a world."""
        summary = self._site.summary(request)
        return self._site.html(
            "projects.html",
            **self._site.world_context(summary, "projects"),
            **self._site.listed_projects(request, summary),
        )

    def batches(self, request: Request) -> Response:
        """Show the batches of a world, or of one of its projects."""
        summary = self._site.summary(request)
        query = query_of(request)
        filter = BatchFilter(
            project=query.string("project"), status=query.string("status")
        )
        return self._site.html(
            "batches.html",
            **self._site.world_context(summary, "batches"),
            **self._site.listed_batches(request, summary.world, filter),
            filter=filter,
            project_names=self._site.queries.project_names(summary.world),
        )

    def tasks(self, request: Request) -> Response:
        """Show the tasks of a world that pass a filter."""
        summary = self._site.summary(request)
        query = query_of(request)
        filter = TaskFilter(
            project=query.string("project"),
            batch=query.string("batch"),
            status=query.string("status"),
        )
        return self._site.html(
            "tasks.html",
            **self._site.world_context(summary, "tasks"),
            **self._site.listed_tasks(request, summary.world, filter),
            filter=filter,
            project_names=self._site.queries.project_names(summary.world),
        )
