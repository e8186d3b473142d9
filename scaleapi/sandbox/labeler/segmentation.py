"""Responses of segmentation tasks: the labels of an image's regions.

api-notes: segmentation
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple, Union

from scaleapi.sandbox.labeler import segmentation_png
from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.labels import label_leaves
from scaleapi.sandbox.labeler.segmentation_png import Pictures

#: Labels beyond the maximum of the API are not drawn.
#: api-notes: limits
_MAX_LABELS = 50
_INSTANCES = 2

#: Label -> index of its region, or indices of its instances.
_Regions = Dict[str, Union[int, List[int]]]


def segment(job: Job) -> Dict[str, Any]:
    """Answer with one image of all labels, and one image of each label."""
    regions, count = _regions(job)
    drawn = segmentation_png.draw(job.image_size(), count)
    return {
        "response": {
            "labelMapping": {
                label: _mapping(index, drawn) for label, index in regions.items()
            },
            "annotations": _publish(job, drawn, regions),
        }
    }


def segment_in_lists(job: Job) -> Dict[str, Any]:
    """Answer with a list of images for each label, even if it has one element."""
    answer = segment(job)
    labeled = answer["response"]["annotations"]["labeled"]
    for label, masks in labeled.items():
        labeled[label] = masks if isinstance(masks, list) else [masks]
    return answer


def _regions(job: Job) -> Tuple[_Regions, int]:
    """Return the regions of the labels, and their number."""
    leaves = label_leaves(job.params.get("labels"), _MAX_LABELS)
    count = sum(_INSTANCES if leaf.instance else 1 for leaf in leaves)
    # A label has a different index in each task.
    indices = job.rng.sample(range(1, count + 1), count)
    regions: _Regions = {
        str(leaf.name): [indices.pop() for _ in range(_INSTANCES)]
        if leaf.instance
        else indices.pop()
        for leaf in leaves
    }
    return regions, count


def _mapping(index: Union[int, List[int]], drawn: Pictures) -> Any:
    if isinstance(index, list):
        return [_mapping(each, drawn) for each in index]
    return {
        "index": index,
        "color": segmentation_png.color(index),
        "numPixels": drawn.areas[index - 1],
    }


def _publish(job: Job, drawn: Pictures, regions: _Regions) -> Dict[str, Any]:
    def publish(name: str, content: bytes) -> str:
        return job.context.publish(f"{name}.png", content, "image/png")

    masks = [
        publish(f"labeled-{index}", mask) for index, mask in enumerate(drawn.masks, 1)
    ]
    return {
        "combined": {
            "image": publish("image", drawn.image),
            "indexedImage": publish("indexed", drawn.indexed),
            "extendedIndexedImage": publish("extended-indexed", drawn.extended),
        },
        "labeled": {
            label: masks[index - 1]
            if isinstance(index, int)
            else [masks[each - 1] for each in index]
            for label, index in regions.items()
        },
        "unlabeled": publish("unlabeled", drawn.unlabeled),
    }
