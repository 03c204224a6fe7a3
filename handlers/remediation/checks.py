"""Whether playbooks are in order: they parse, and each of their cases is judged as it says."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from app.domain.remediation import SignatureCheck
from app.errors import InvalidInput
from handlers.remediation.matcher import Ruleset
from handlers.remediation.playbooks import Case, Playbook, folders, parse, shipped_folder


def check(root: Traversable | None = None) -> tuple[SignatureCheck, ...]:
    """Every playbook under `root` (the shipped ones without it), by folder name; one that does not parse has a problem."""
    return tuple(_checked(folder) for folder in folders(root or shipped_folder()))


def _checked(folder: Traversable) -> SignatureCheck:
    try:
        playbook = parse(folder.joinpath("playbook.yml").read_bytes(), f"{folder.name}/playbook.yml")
    except InvalidInput as error:
        return SignatureCheck(folder.name, 0, (error.message,))
    problems = [problem for case in playbook.cases if (problem := _problem(folder, playbook, case))]
    if folder.name != (slug := playbook.id.replace(".", "-")):
        problems.append(f"the folder must be called {slug}")
    listed = {case.log for case in playbook.cases}
    extra = sorted(
        each.name for each in folder.iterdir() if each.name.endswith(".log") and each.name not in listed
    )
    problems += [f"{name} is not among the cases" for name in extra]
    return SignatureCheck(playbook.id, len(playbook.cases), tuple(problems))


def _problem(folder: Traversable, playbook: Playbook, case: Case) -> str:
    log = folder.joinpath(case.log)
    if not log.is_file():
        return f"{case.log} does not exist"
    with log.open("rb") as stream:
        found = Ruleset((playbook,)).classify([(case.log, stream)])
    lines = sorted(match.line for match in found.matches)
    if case.line is None:
        return f"{case.log} must not match, but line {lines[0]} does" if lines else ""
    if case.line in lines:
        return ""
    return (
        f"{case.log}: line {case.line} must match, but {f'line {lines[0]} does' if lines else 'no line does'}"
    )
