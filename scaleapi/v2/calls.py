"""`V2Api`: the 25 calls of v2."""

from __future__ import annotations

from typing import Any, Callable, Iterator, TypeVar

from scaleapi._core.paging import Paginator, iterate_pages
from scaleapi.exceptions import ScaleException, ScaleTypeError
from scaleapi.v2.answers import Page
from scaleapi.v2.batch_calls import V2BatchCalls
from scaleapi.v2.delivery_calls import V2DeliveryCalls
from scaleapi.v2.task_calls import V2TaskCalls

_T = TypeVar("_T")


class V2Api(V2TaskCalls, V2BatchCalls, V2DeliveryCalls):
    """The calls of v2. ``client.v2`` is one.

    Arguments are checked before anything is sent. Every call also takes
    ``_request_timeout`` (seconds, or a pair: to connect, between two bytes) and
    ``_headers`` (a dict), as `options`. Errors of the API are raised as `ApiException`
    or one of its subclasses, each of which is also the `ScaleException` of its status.

    If the API answers with another status than 200 and an empty body, as with 204, the
    result is None.
    """

    def iterate(
        self, call: Callable[..., Page[_T]], *args: Any, **kwargs: Any
    ) -> Iterator[_T]:
        """Iterate over all pages of a list: ``v2.iterate(v2.get_batches, limit=50)``.

        This is a generator: it sends nothing before the first object is requested, and
        then one request for each page. Only one page is held in memory.

        Args:
            call: A call of this object that fetches one page.
            args: Its arguments.
            kwargs: Its keywords.

        Yields:
            The objects of all pages.

        Raises:
            ScaleTypeError: `call` fetches something else than pages.
            ScaleException: The server leads in a circle, so that the iteration would
                never end; or an answer is empty.
        """

        def fetch(token: Any) -> Paginator[_T]:
            # A server may number its pages.
            position = {} if token is None else {"next_token": str(token)}
            page = call(*args, **{**kwargs, **position})
            if page is None:
                raise ScaleException("the answer has no page in it: it is empty")
            if not isinstance(page, Page):
                raise ScaleTypeError(
                    f"call must fetch one page of a list, as get_tasks does; got "
                    f"{getattr(call, '__name__', call)}"
                )
            items, following = page._items(), page.next_token
            size = len(items)
            return Paginator(items, size, size, 0, bool(following), following)

        return iterate_pages(
            fetch, lambda page: page.next_token, kwargs.get("next_token")
        )
