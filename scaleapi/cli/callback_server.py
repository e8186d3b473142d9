"""`CallbackServer`: the HTTP server of ``scaleapi callback listen``."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Dict, List, Union
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from scaleapi.cli.bulk import Tally, raise_interrupt
from scaleapi.cli.failures import CommandFailure
from scaleapi.cli.output import OutputClosed, as_json
from scaleapi.cli.session import Session

if TYPE_CHECKING:
    from scaleapi.callbacks import CallbackEvent

_HOST = "127.0.0.1"
#: Seconds that a client may be silent.
_SILENCE_S = 10.0


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a sender that never finishes must not prevent the end
    request_queue_size = 128

    def server_bind(self) -> None:
        # That of WSGIServer asks for the name of the host, which can take seconds.
        super(WSGIServer, self).server_bind()
        self.server_name = _HOST
        self.server_port = int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that break off."""


class _RequestHandler(WSGIRequestHandler):
    timeout = _SILENCE_S

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the receiver says what it rejects."""

    def get_stderr(self) -> Any:
        """Return where tracebacks of clients that break off go."""
        return io.StringIO()


class CallbackServer:
    """Receives callbacks, and writes or passes on each of them.

    Args:
        session: What the run has.
        port: Port to listen on; 0 takes any.
        keys: The callback keys, by mode.
        program: The command that is run for each callback; None runs none.

    Raises:
        CommandFailure: The port is in use.
    """

    def __init__(
        self,
        session: Session,
        port: int,
        keys: Dict[str, List[str]],
        program: Union[str, List[str], None],
    ) -> None:
        from scaleapi.callbacks import Receiver

        self._session = session
        self._program = program
        self._lock = threading.Lock()
        self._tally = Tally()
        self._handling: List[threading.Thread] = []
        receiver = Receiver(keys, self._handle)
        try:
            self._server = _Server((_HOST, port), _RequestHandler)
        except OSError as error:
            text = f"cannot listen on port {port}: {error.strerror}"
            raise CommandFailure(text) from error
        self._server.set_app(receiver.wsgi)

    @property
    def url(self) -> str:
        """The address to which callbacks are sent."""
        return f"http://{_HOST}:{self._server.server_port}/"

    def serve(self) -> None:
        """Receive callbacks until nobody reads the output any more.

        Raises:
            CommandFailure: The command was interrupted.
        """
        try:
            self._server.serve_forever()
        except KeyboardInterrupt as interrupt:
            self._finish()
            raise_interrupt(self._session, interrupt, self._tally)
        self._finish()

    def _finish(self) -> None:
        """Accept nothing more, and wait until what is being handled is answered."""
        self._server.server_close()
        for thread in self._handling:
            thread.join()

    def _handle(self, event: "CallbackEvent") -> None:
        with self._lock:
            alive = [each for each in self._handling if each.is_alive()]
            self._handling = [*alive, threading.current_thread()]
        try:
            if self._program is not None:
                self._run(event)
            with self._lock:
                self._session.out.line(as_json(_record(event)))
                self._tally.add("handled")
        except OutputClosed:
            # It comes again, since nobody has read it.
            self._session.settings.quiet = True
            self._stop()
            raise
        except CommandFailure as failure:
            if failure is self._session.out.failure:
                self._stop()
            with self._lock:
                self._tally.add("failed")
                self._session.console.item_failed(event.subject, failure.message)
            raise

    def _stop(self) -> None:
        # It waits for the end of serve_forever(), which may wait for this thread.
        threading.Thread(target=self._server.shutdown, daemon=True).start()

    def _run(self, event: "CallbackEvent") -> None:
        """Run the command with a callback.

        Raises:
            CommandFailure: The command cannot be run, or has failed.
        """
        assert self._program is not None
        try:
            done = subprocess.run(
                self._program, input=event.raw, stdout=_stderr(), check=False
            )
        except (OSError, ValueError) as error:
            raise CommandFailure(f"--exec cannot be run: {error}") from error
        if done.returncode:
            raise CommandFailure(f"--exec ended with status {done.returncode}")


def _stderr() -> Any:
    """Return where standard output of commands goes: it has no data of ours."""
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return subprocess.DEVNULL


def _record(event: "CallbackEvent") -> Dict[str, Any]:
    return {
        "delivery_id": event.delivery_id,
        "live": event.live,
        "task": event.task and event.task.as_dict(),
        "batch": event.batch and event.batch.as_dict(),
        "response": event.response,
    }
