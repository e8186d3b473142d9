"""Export of tasks: from the API to a file of JSON lines, and from there to others.

``client.export_tasks`` is the only call that talks to the API. Everything else here
takes any iterable of tasks: a file, ``client.get_tasks(...)``, a list.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from scaleapi.export.coco import write_coco as write_coco
    from scaleapi.export.csv_files import read_csv as read_csv
    from scaleapi.export.csv_files import write_csv as write_csv
    from scaleapi.export.masks import write_masks as write_masks
    from scaleapi.export.reading import read_tasks as read_tasks
    from scaleapi.export.report import ExportReport as ExportReport
    from scaleapi.export.report import Problem as Problem
    from scaleapi.export.table import to_arrow as to_arrow
    from scaleapi.export.table import to_dataframe as to_dataframe
    from scaleapi.export.table import write_parquet as write_parquet
    from scaleapi.export.yolo import write_yolo as write_yolo

#: Name -> the module that defines it. Each is imported when it is first used, so that
#: a program which only reads a file does not load what writes tables.
_DEFINED_IN = {
    "ExportReport": "report",
    "Problem": "report",
    "read_csv": "csv_files",
    "read_tasks": "reading",
    "to_arrow": "table",
    "to_dataframe": "table",
    "write_coco": "coco",
    "write_csv": "csv_files",
    "write_masks": "masks",
    "write_parquet": "table",
    "write_yolo": "yolo",
}

# Type checkers understand only a list that is spelled out, and have the imports above.
if not TYPE_CHECKING:
    __all__ = sorted(_DEFINED_IN)


def __getattr__(name: str) -> Any:
    if name not in _DEFINED_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_DEFINED_IN[name]}")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *_DEFINED_IN})
