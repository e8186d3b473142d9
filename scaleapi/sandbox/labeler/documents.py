"""Responses of document tasks.

api-notes: documents
"""

from __future__ import annotations

from typing import Any, Dict

from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.labels import label_names
from scaleapi.sandbox.labeler.shapes import DRAWERS

_MAX_PAGES = 100
_USUAL_PAGE = (800, 1100)


def annotate_document(job: Job) -> Dict[str, Any]:
    """Answer with one box for each feature, and the sizes of the pages."""
    return _annotated(job, "box")


def annotate_in_polygons(job: Job) -> Dict[str, Any]:
    """Answer with one polygon for each feature, and the sizes of the pages."""
    return _annotated(job, "polygon")


def _annotated(job: Job, geometry: str) -> Dict[str, Any]:
    # Each attachment counts as one page. api-notes: documents (guess)
    sizes = [
        job.size_of(address, _USUAL_PAGE)
        for address in job.attachments()[:_MAX_PAGES] or [None]
    ]
    annotations = []
    for label in label_names(job.params.get("features")):
        page = job.rng.randrange(len(sizes))
        annotations.append(
            {
                "uuid": job.new_uuid(),
                "label": label,
                "page": page,
                "text": job.answer_to(label),
                "location": {
                    "type": geometry,
                    **DRAWERS[geometry](job.rng, {}, sizes[page]),
                },
            }
        )
    return {
        "response": {"annotations": annotations},
        "document_pages": [
            {"width": width, "height": height} for width, height in sizes
        ],
    }
