"""The pages of a project and of a batch, with their buttons."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from scaleapi.sandbox.page.attachments import Finder
from scaleapi.sandbox.page.json_tree import node_of
from scaleapi.sandbox.page.security import form_of
from scaleapi.sandbox.page.site import Site, not_found, query_of
from scaleapi.sandbox.services.completion import finalize
from scaleapi.sandbox.store import Store, TaskFilter
from scaleapi.sandbox.store.batches import BatchFilter
from scaleapi.sandbox.store.page_queries import WorldSummary
from scaleapi.sandbox.store.repository import Document

#: Batches that are finalized in one transaction, for which other writers wait.
_MAX_BATCHES_PER_TRANSACTION = 200
_ACTIONS = ("complete", "finalize")
#: What the page of a batch shows in another way.
_SHOWN = frozenset(
    {"name", "project", "status", "created_at", "completed_at", "callback", "metadata"}
)


class Groups:
    """The views of groups of tasks: projects and batches."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def project(self, request: Request) -> Response:
        """Show a project with its batches and its newest tasks."""
        summary, project = self._found(request, "project")
        world, name = summary.world, project["name"]
        counts = self._site.queries.progress_of_projects(world, [name])
        batches = self._site.listed_batches(request, world, BatchFilter(project=name))
        with self._site.database.reading() as connection:
            store = Store(connection, world)
            staging = BatchFilter(project=name, status="staging")
            in_staging = store.batches.page(staging, limit=1, offset=0)[1]
            finder = Finder(store, self._site.hosting)
        history = project.get("param_history") or [{}]
        return self._site.html(
            "project.html",
            **self._site.world_context(summary, "projects"),
            **batches,
            project=project,
            counts=counts.get(name, {}),
            in_staging=in_staging,
            params=node_of(history[-1], finder.link),
            notice=_notice(request, "project"),
        )

    def batch(self, request: Request) -> Response:
        """Show a batch with its tasks."""
        summary, batch = self._found(request, "batch")
        world, name = summary.world, batch["name"]
        counts = self._site.queries.progress_of_batches(world, [name])
        with self._site.database.reading() as connection:
            finder = Finder(Store(connection, world), self._site.hosting)
        rest = {key: value for key, value in batch.items() if key not in _SHOWN}
        return self._site.html(
            "batch.html",
            **self._site.world_context(summary, "batches"),
            **self._site.listed_tasks(request, world, TaskFilter(batch=name)),
            batch=batch,
            counts=counts.get(name, {}),
            metadata=node_of(batch["metadata"], finder.link),
            rest=node_of(rest, finder.link) if rest else None,
            notice=_notice(request, "batch"),
        )

    async def project_action(self, request: Request) -> Response:
        """Carry out the action of a button on a project's page."""
        return await self._action(request, "project")

    async def batch_action(self, request: Request) -> Response:
        """Carry out the action of a button on a batch's page."""
        return await self._action(request, "batch")

    async def _action(self, request: Request, kind: str) -> Response:
        self._site.guard.check(await form_of(request))
        return await run_in_threadpool(self._carry_out, request, kind)

    def _carry_out(self, request: Request, kind: str) -> Response:
        action = request.path_params["action"]
        if action not in _ACTIONS:
            raise not_found("button")
        summary, group = self._found(request, kind)
        name = group["name"]
        if action == "complete":
            number = self._site.complete_all(summary.world, TaskFilter(**{kind: name}))
        elif kind == "batch":
            number = self._finalize(summary, [name])
        else:
            number = self._finalize_all(summary, name)
        path = f"/page/worlds/{summary.world.id}/{kind}"
        return self._site.redirect(path, name=name, done=action, number=str(number))

    def _finalize_all(self, summary: WorldSummary, project: str) -> int:
        """Finalize the batches of a project that are in staging."""
        filter = BatchFilter(project=project, status="staging")
        number = 0
        while True:
            with self._site.database.reading() as connection:
                # Those that are finalized no longer pass the filter.
                batches = Store(connection, summary.world).batches.page(
                    filter, limit=_MAX_BATCHES_PER_TRANSACTION, offset=0
                )[0]
            if not batches:
                return number
            number += self._finalize(summary, [batch["name"] for batch in batches])

    def _finalize(self, summary: WorldSummary, names: Any) -> int:
        with self._site.database.writing() as connection:
            store = Store(connection, summary.world)
            for name in names:
                batch = store.batches.get(name)
                if batch is None:
                    raise not_found("batch")
                finalize(store, batch, self._site.clock.now())
        return len(names)

    def _found(self, request: Request, kind: str) -> Tuple[WorldSummary, Document]:
        """Return the project or batch that a query names, and its world."""
        summary = self._site.summary(request)
        name = query_of(request).string("name")
        with self._site.database.reading() as connection:
            store = Store(connection, summary.world)
            groups: Dict[str, Any] = {"project": store.projects, "batch": store.batches}
            group = None if name is None else groups[kind].get(name)
        if group is None:
            raise not_found(kind)
        return summary, group


def _notice(request: Request, kind: str) -> str:
    """Return what a button has done, in words; empty if none was pressed."""
    query = query_of(request)
    done, number = query.string("done"), query.integer("number", 0, 0, 10**9)
    if done == "complete":
        if number == 1:
            return "1 task is completed."
        return f"{number:,} tasks are completed." if number else "No task was pending."
    if done == "finalize":
        if kind == "batch":
            return "The batch is finalized."
        return f"{number:,} batch{' is' if number == 1 else 'es are'} finalized."
    return ""
