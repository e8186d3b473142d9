"""Downloads of the files of tasks: attachments and results, many at the same time."""

from scaleapi.download.calls import DownloadCalls
from scaleapi.download.manifest import FileOnDisk
from scaleapi.download.results import DownloadResult

__all__ = ["DownloadCalls", "DownloadResult", "FileOnDisk"]
