"""Segmentation (contract 7.4): the labels of an image's regions."""

from __future__ import annotations

from typing import Any, Dict, List, Union

from scaleapi.sandbox.worker import pictures
from scaleapi.sandbox.worker.job import Job
from scaleapi.sandbox.worker.labels import label_leaves
from scaleapi.sandbox.worker.pictures import Pictures

#: Contract 6.15: more labels than the API takes are not drawn.
_MAX_LABELS = 50
_INSTANCES = 2

#: Label -> index of its region, or indices of its instances.
_Regions = Dict[str, Union[int, List[int]]]


def segment(job: Job) -> Dict[str, Any]:
    """Answer with one image of all labels, and one of each."""
    regions: _Regions = {}
    count = 0
    for leaf in label_leaves(job.params.get("labels"), _MAX_LABELS):
        indices = [count + 1 + number for number in range(_INSTANCES)]
        regions[str(leaf.name)] = indices if leaf.instance else indices[0]
        count += _INSTANCES if leaf.instance else 1
    drawn = pictures.draw(job.image_size(), count)
    return {
        "response": {
            "labelMapping": {
                label: _mapping(index, drawn) for label, index in regions.items()
            },
            "annotations": _publish(job, drawn, regions),
        }
    }


def _mapping(index: Union[int, List[int]], drawn: Pictures) -> Any:
    if isinstance(index, int):
        return {"index": index, "color": pictures.colour(index)}
    return [
        {
            "index": each,
            "color": pictures.colour(each),
            "numPixels": drawn.areas[each - 1],
        }
        for each in index
    ]


def _publish(job: Job, drawn: Pictures, regions: _Regions) -> Dict[str, Any]:
    def publish(name: str, content: bytes) -> str:
        return job.workplace.publish(f"{name}.png", content, "image/png")

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
