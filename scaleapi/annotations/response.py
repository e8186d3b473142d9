"""`Response`: what the attributes of `Annotations` are read from."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, TypeVar

from scaleapi.annotations import forms
from scaleapi.annotations.answers import fields_by_id
from scaleapi.annotations.elements import are_events
from scaleapi.annotations.forms import Form
from scaleapi.annotations.shape_lists import Shapes
from scaleapi.annotations.views import an_array, an_object

T = TypeVar("T")

#: The keys of a response that the attributes of `Annotations` show.
KNOWN_KEYS = frozenset(
    {
        "annotations",
        "attributes",
        "category",
        "category_id",
        "choice",
        "error",
        "events",
        "fields",
        "full_recording",
        "global_attributes",
        "labelMapping",
        "point_segmentations",
        "relationships",
        "responses",
        "rows",
        "taxonomies",
    }
)
#: Type of task -> geometry of its annotations, which in old data do not state it.
_USUAL_GEOMETRIES = {
    "cuboidannotation": "cuboid",
    "laneannotation": "line",
    "lineannotation": "line",
}


class Response:
    """The response in a document, and what the task says about it.

    Args:
        document: The document of a task, a response, or the content of a result file.
        results: The content of result files, by their keys in the response.
    """

    __slots__ = ("_cache", "_document", "_form_found", "_results", "_sorted")

    def __init__(self, document: Any, results: Optional[Mapping[str, Any]]) -> None:
        self._document = document
        self._results = results
        self._cache: Optional[Dict[str, Any]] = None
        self._form_found: Optional[Form] = None
        # Of `Annotations`, but two constructors for each task would cost time.
        self._sorted: Optional[Shapes] = None

    @property
    def raw(self) -> Any:
        """The very response, as it came; None if there is none."""
        document = self._document
        if isinstance(document, dict) and _is_task(document):
            return document.get("response")
        return document

    @property
    def _response(self) -> Dict[str, Any]:
        response = self.raw
        if not isinstance(response, dict):
            response = _by_key(response) if isinstance(response, list) else {}
        return {**response, **self._results} if self._results else response

    @property
    def _form(self) -> Form:
        if self._form_found is None:
            self._form_found = self._read_form()
        return self._form_found

    @property
    def _is_bare(self) -> bool:
        """Whether the response is the content of a file, with no key around it."""
        return "annotations" not in self._response and (
            self._form.kind != forms.NOTHING
        )

    @property
    def _params(self) -> Dict[str, Any]:
        document = an_object(self._document)
        # The body of a callback has the task one level below. (api-notes: callbacks)
        return an_object(
            document.get("params", an_object(document.get("task")).get("params"))
        )

    @property
    def _fields(self) -> Dict[str, Dict[str, Any]]:
        return self._once("_fields", lambda: fields_by_id(self._params.get("fields")))

    @property
    def _responses(self) -> List[Any]:
        return an_array(self._value("responses"))

    @property
    def _by_file(self) -> Dict[str, List[Any]]:
        return forms.answers_by_file(self._response)

    def _value(self, key: str) -> Any:
        return self._response.get(key)

    def _once(self, name: str, read: Callable[[], T]) -> T:
        if self._cache is None:
            self._cache = {}
        cache = self._cache
        if name not in cache:
            cache[name] = read()
        found: T = cache[name]
        return found

    def _read_form(self) -> Form:
        response = self._response
        if "annotations" not in response:
            return forms.bare_form_of(response)
        annotations = response["annotations"]
        if isinstance(annotations, list):
            return forms.form_of_list(annotations)
        return forms.form_of(annotations, self._params.get("fields"))

    def _usual(self) -> str:
        """Return the geometry of annotations that have vertices and do not state it."""
        # api-notes: geometries
        geometries = an_object(self._params.get("geometries"))
        only = next(iter(geometries)) if len(geometries) == 1 else None
        task_type = an_object(self._document).get("type")
        usual = _USUAL_GEOMETRIES.get(task_type) if isinstance(task_type, str) else None
        return usual or (only if only in ("line", "ellipse") else None) or "polygon"


def _by_key(content: List[Any]) -> Dict[str, Any]:
    """Return the content of a result file under its key in a response."""
    return {"events" if are_events(content) else "annotations": content}


def _is_task(document: Dict[str, Any]) -> bool:
    """Return whether an object is the document of a task, not a response."""
    return "task_id" in document or (
        ("response" in document or "params" in document)
        and KNOWN_KEYS.isdisjoint(document)
    )
