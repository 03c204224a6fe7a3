"""The measured servers in Python: `python -m tests.benchmarks.accept_server bare|durable FOLDER`; writes its port."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import signal
import sys
from pathlib import Path

import uvloop
from aiohttp import web

from tests.benchmarks.load import PATH, SECRET

LIMIT = 26 * 1024 * 1024


def bare() -> web.Application:
    """The least that a verifying receiver does; it stores nothing."""

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        expected = "sha256=" + hmac.digest(SECRET, body, hashlib.sha256).hex()
        good = hmac.compare_digest(expected, request.headers["X-Hub-Signature-256"])
        return web.Response(status=202 if good else 401)

    application = web.Application(client_max_size=LIMIT)
    application.add_routes([web.post(PATH, receive)])
    return application


async def durable(folder: Path) -> web.Application:
    """Our receiver with its ledger; nothing reads the rows, so that only accepting is measured."""
    from app.adapters.clock import SystemClock
    from app.adapters.database.connection import Database
    from app.adapters.database.ledger import SqlLedger
    from app.adapters.database.migrate import migrate
    from app.domain.ids import AppKey
    from app.receiver.memory import UnverifiedBytes
    from app.receiver.routes import Receiver, ReceivingApp
    from app.telemetry.metrics import Metrics

    url = f"sqlite:///{folder / 'ledger.db'}"
    await asyncio.to_thread(migrate, url)
    clock = SystemClock()
    receiver = Receiver(
        apps=(ReceivingApp(AppKey("bench/1"), "1", (SECRET,)),),
        inbox=SqlLedger(Database(url), clock),
        clock=clock,
        metrics=Metrics(),
        accepted=lambda: None,
        draining=lambda: False,
        memory=UnverifiedBytes(),
    )
    application = web.Application(client_max_size=LIMIT)
    application.add_routes(receiver.routes())
    return application


async def main(name: str, folder: Path) -> None:
    """Serves until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    application = bare() if name == "bare" else await durable(folder)
    runner = web.AppRunner(application, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], Path(sys.argv[2])))
