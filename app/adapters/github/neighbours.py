"""Policy files of other repositories of an installation, each read with a token for that repository alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from app.adapters.github.models import Lenient, read
from app.adapters.github.reader import CodeReader
from app.domain.ids import CommitSha, InstallationId
from app.errors import Conflict, NotFound, PermanentError
from app.ports.policies import NeighbourFile, PolicySource

POLICY = "hephaestus.yml"
HEAD = "HEAD"
"""The default branch, whatever its name: one request tells its commit."""
NOT_REACHABLE = "github.unprocessable"
"""How GitHub refuses a token for a repository that does not exist, or that the App is not installed on."""
ASKED_AGAIN = timedelta(minutes=10)
MAX_KEPT = 2_000


class VisibilityBody(Lenient):
    """`full-repository`, as far as used."""

    private: bool
    visibility: str | None = None


class Absent:
    """Which repositories were not there lately, so that asking for each evaluation costs nothing. Of one App, in one process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._until: dict[tuple[int, str], datetime] = {}
        self._empty: dict[tuple[int, str], CommitSha] = {}

    def is_absent(self, installation: InstallationId, name: str) -> bool:
        """Whether the App could not reach the repository some minutes ago."""
        return self._until.get((installation, name.casefold()), self._now()) > self._now()

    def note(self, installation: InstallationId, name: str) -> None:
        """It cannot be reached."""
        if len(self._until) >= MAX_KEPT:
            self._until.clear()
        self._until[installation, name.casefold()] = self._now() + ASKED_AGAIN

    def is_empty(self, installation: InstallationId, name: str, sha: CommitSha) -> bool:
        """Whether the commit has no policy file."""
        return self._empty.get((installation, name.casefold())) == sha

    def note_empty(self, installation: InstallationId, name: str, sha: CommitSha) -> None:
        """The commit has none."""
        if len(self._empty) >= MAX_KEPT:
            self._empty.clear()
        self._empty[installation, name.casefold()] = sha


class InstallationNeighbours:
    """`app.ports.policies.Neighbours`; `reader` reads a repository by name, with a token for its contents alone."""

    def __init__(
        self, installation: InstallationId, owner: str, reader: Callable[[str], CodeReader], absent: Absent
    ) -> None:
        self._installation, self._owner = installation, owner
        self._reader = reader
        self._absent = absent

    async def policy(self, name: str) -> NeighbourFile | None:
        """See the port; one conditional request where nothing changed."""
        if self._absent.is_absent(self._installation, name):
            return None
        reader = self._reader(name)
        try:
            head = await reader.commit(HEAD)
            if head is None or self._absent.is_empty(self._installation, name, head.sha):
                return None
            file = await reader.file(POLICY, head.sha)
        except PermanentError as error:
            self._check(name, error)
            return None
        if file is None:
            self._absent.note_empty(self._installation, name, head.sha)
            return None
        source = PolicySource(POLICY, HEAD, head.sha, file.blob_sha, f"{self._owner}/{name}")
        return NeighbourFile(file.content, source)

    async def visibility(self, name: str) -> str | None:
        """See the port."""
        if self._absent.is_absent(self._installation, name):
            return None
        try:
            body = read(VisibilityBody, await self._reader(name).about())
        except PermanentError as error:
            self._check(name, error)
            return None
        return body.visibility or ("private" if body.private else "public")

    def _check(self, name: str, error: PermanentError) -> None:
        """Raises the error again unless it says that there is nothing: a floor must not fall away with a permission."""
        if error.code == NOT_REACHABLE or isinstance(error, NotFound):
            self._absent.note(self._installation, name)
        elif not isinstance(error, Conflict):  # GitHub's word for a repository without a commit
            raise error
