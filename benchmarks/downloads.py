"""Downloads, side by side with what one would write by hand.

``python benchmarks/downloads.py`` compares ``client.download_files`` with

* 16 threads over a bare urllib3 pool that also hash, fsync and rename, for 1,000 files
  of 100 KB at a round trip of 20 ms;
* ``curl``, followed by ``sha256sum`` and ``sync``, for a file of 1 GiB.

Every run is a process of its own, and the runs take turns. The server is another
process. It needs curl, and reads memory from ``/proc``, so Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List

FILES = 1_000
FILE_BYTES = 100_000
WORKERS = 16
ROUND_TRIP_S = 0.02
GIB = 1 << 30
_TAG = '"0123456789abcdef0123456789abcdef"'


async def serve(large: str) -> None:
    """Serve files until the process is terminated.

    Args:
        large: Path of the large file.
    """
    content = os.urandom(FILE_BYTES)
    size = os.path.getsize(large)
    loop = asyncio.get_running_loop()

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                is_large = b" /large" in head
                length = size if is_large else FILE_BYTES
                await asyncio.sleep(ROUND_TRIP_S)
                lines = (
                    f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nETag: {_TAG}\r\n"
                )
                writer.write(lines.encode() + b"\r\n" + (b"" if is_large else content))
                await writer.drain()
                if is_large:
                    with open(large, "rb") as file:
                        await loop.sendfile(writer.transport, file)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def memory_kib(peak: bool) -> int:
    """Return the memory that this process has, or has had at most."""
    name = "VmHWM:" if peak else "VmRSS:"
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise LookupError(name)


def ours(origin: str, folder: str, paths: List[str]) -> Dict[str, float]:
    """Download with the client; return seconds and the growth of memory."""
    from scaleapi import ScaleClient, Task

    client = ScaleClient("test_downloads", api_instance_url=f"{origin}/v1")

    def download(paths: List[str], name: str) -> None:
        urls = [f"{origin}{path}" for path in paths]
        tasks = [
            Task(
                {"task_id": str(n // 10), "params": {"attachments": urls[n : n + 10]}},
                0,
            )
            for n in range(0, len(urls), 10)
        ]
        into = os.path.join(folder, name)
        results = client.download_files(tasks, into, max_workers=WORKERS)
        assert sum(each.status == "downloaded" for each in results) == len(paths)

    download([f"/warm/{n}" for n in range(32)], "warm")
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = memory_kib(peak=False)
    began = time.perf_counter()
    download(paths, "files")
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mib": (memory_kib(peak=True) - before) / 1024}


def bare(origin: str, folder: str, paths: List[str]) -> Dict[str, float]:
    """Download with threads over a bare pool of urllib3; return the seconds."""
    import urllib3

    pool = urllib3.PoolManager(maxsize=WORKERS)

    def download(path: str) -> str:
        place = os.path.join(folder, path.strip("/").replace("/", "-"))
        answer = pool.request("GET", f"{origin}{path}")
        assert answer.status == 200
        digest = hashlib.sha256(answer.data).hexdigest()
        with open(f"{place}.part", "wb") as file:
            file.write(answer.data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{place}.part", place)
        return digest

    with ThreadPoolExecutor(WORKERS) as executor:
        list(executor.map(download, [f"/warm/{n}" for n in range(32)]))
        began = time.perf_counter()
        assert len(list(executor.map(download, paths))) == len(paths)
        return {"seconds": time.perf_counter() - began}


def curl(origin: str, folder: str, paths: List[str]) -> Dict[str, float]:
    """Download with curl, and hash and sync what came; return the seconds."""
    place = os.path.join(folder, "curl")
    began = time.perf_counter()
    subprocess.run(["curl", "-sSf", "-o", place, f"{origin}{paths[0]}"], check=True)
    subprocess.run(["sha256sum", place], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["sync", place], check=True)
    return {"seconds": time.perf_counter() - began}


PEERS: Dict[str, Callable[[str, str, List[str]], Dict[str, float]]] = {
    "ours": ours,
    "bare": bare,
    "curl": curl,
}


def run(peer: str, origin: str, paths: List[str]) -> Dict[str, float]:
    """Run a peer in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        job = json.dumps({"origin": origin, "folder": folder, "paths": paths})
        command = [sys.executable, __file__, "--run", peer, "--job", job]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    figures: Dict[str, float] = json.loads(output)
    return figures


def compare(
    title: str, other: str, target: float, repeats: int, origin: str, paths: List[str]
) -> bool:
    """Print the rate relative to another peer, and the growth of memory."""
    found: Dict[str, List[Dict[str, float]]] = {"ours": [], other: []}
    for number in range(repeats):
        for peer in list(found)[:: 1 if number % 2 else -1]:
            found[peer].append(run(peer, origin, paths))
    seconds = {
        peer: statistics.median(each["seconds"] for each in runs)
        for peer, runs in found.items()
    }
    ratios = [
        theirs["seconds"] / our["seconds"]
        for our, theirs in zip(found["ours"], found[other])
    ]
    rate = statistics.median(ratios)
    mib = max(each["mib"] for each in found["ours"])
    good = rate >= target and mib <= 8
    print(
        f"{title}: {rate:.2f} times the rate of {other} ({min(ratios):.2f} to "
        f"{max(ratios):.2f}; at least {target}), {seconds['ours']:.2f} s against "
        f"{seconds[other]:.2f} s; memory grows by {mib:.1f} MiB"
        f"{'' if good else '  MISSED'}"
    )
    return good


def main() -> int:
    """Serve, or run one peer, or compare all; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--run", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--job", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve))
    if options.run:
        print(json.dumps(PEERS[options.run](**options.job)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        large = os.path.join(folder, "large")
        with open(large, "wb") as file:
            block = os.urandom(1 << 20)
            for _ in range(GIB >> 20):
                file.write(block)
            # Or else it is written to the disk while small files are measured.
            file.flush()
            os.fsync(file.fileno())
        command = [sys.executable, __file__, "--serve", large]
        server: Any
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                origin = f"http://127.0.0.1:{int(server.stdout.readline())}"
                small = [f"/small/{number}" for number in range(FILES)]
                good = [
                    compare(
                        "1,000 files of 100 KB at 20 ms",
                        "bare",
                        0.95,
                        options.repeats,
                        origin,
                        small,
                    ),
                    compare(
                        "1 file of 1 GiB",
                        "curl",
                        0.9,
                        options.repeats,
                        origin,
                        ["/large"],
                    ),
                ]
            finally:
                server.terminate()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
