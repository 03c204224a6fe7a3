"""The root of the command: groups are imported when they are used, so that `--help` stays fast."""

from __future__ import annotations

import io
import sys
from importlib import import_module

import click

from app.errors import HephaestusError

COMMANDS: dict[str, tuple[str, str, str]] = {
    "backfill": ("app.cli.backfill", "backfill", "Attest assets of past releases, by an approved plan."),
    "config": ("app.cli.config", "config", "Check configuration files; print their JSON Schema."),
    "deliveries": ("app.cli.deliveries", "deliveries", "What happened, and what was made of it."),
    "demo": ("app.cli.demo", "demo", "A stand-in GitHub and the real app, four scenes."),
    "gate": ("app.cli.gate", "gate", "Evaluate the quality gate offline."),
    "logs": ("app.cli.logs", "logs", "Recognise known failures in CI logs."),
    "migrate": ("app.cli.running", "migrate", "Bring the database to the newest schema."),
    "release": ("app.cli.release", "release", "Verify who built a release."),
    "reports": ("app.cli.reports", "reports", "Read test and coverage reports."),
    "send": ("app.cli.send", "send", "Sign a payload and post it as GitHub would."),
    "serve": ("app.cli.running", "serve", "Receiver and worker in one process."),
    "signatures": ("app.cli.signatures", "signatures", "The catalogue of known failures."),
    "trust": ("app.cli.trust", "trust", "Show, import and refresh trusted roots."),
    "web": ("app.cli.running", "web", "Only receive webhooks; with PostgreSQL."),
    "worker": ("app.cli.running", "worker", "Only work on what was received; with PostgreSQL."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line; imports only the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """All names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """The command itself."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's signature)
        """The list in `--help`, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hephaestus-github-app", prog_name="hephaestus")
def root() -> None:
    """Hephaestus: quality gate, release verification and remediation for GitHub repositories."""


def main() -> None:
    """Runs a command; what we raise on purpose is one line on standard error and exit code 2.

    JSON on standard output is UTF-8 as its readers are promised, whatever the terminal's locale says.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        root(prog_name="hephaestus")
    except HephaestusError as exc:
        click.echo(f"hephaestus: {exc}", err=True)
        sys.exit(2)
