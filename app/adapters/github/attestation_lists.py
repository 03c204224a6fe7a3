"""Attestations of many subjects at once, where GitHub can list them so; else subject by subject.

Source: https://docs.github.com/en/rest/orgs/attestations, "List attestations by bulk subject digests" (and the same of users).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from app.adapters.github.api import Api
from app.adapters.github.exchange import NEWEST, outgoing
from app.adapters.github.models import read
from app.adapters.github.models.code import RepositoryBody
from app.adapters.github.models.releases import AttestationBody, BulkBody
from app.adapters.github.pagination import items
from app.adapters.github.reader import REPO
from app.domain.release import Attestation, AttestationList
from app.domain.repo import Repository
from app.errors import NotFound, PermanentError

BULK = 100
FEW = 4
"""So many subjects are asked for one by one: these requests can be conditional, the list of many cannot."""
AT_ONCE = 4
PAGES = 50
ORGANISATION = "Organization"


@dataclass(frozen=True, slots=True)
class AttestationLists:
    """Asks for one repository; `limit` is the most that is taken for each subject."""

    api: Api
    repository: Repository
    predicate_type: str
    limit: int

    async def of(self, subjects: tuple[str, ...]) -> dict[str, AttestationList]:
        """The attestations of each subject (`sha256:…`, `sha1:…`)."""
        wanted = tuple(dict.fromkeys(subjects))
        if len(wanted) <= FEW:
            return await self._one_by_one(wanted)
        try:
            return await self._in_bulk(wanted)
        except NotFound:  # Enterprise Server has no such list
            return await self._one_by_one(wanted)

    async def _one_by_one(self, subjects: tuple[str, ...]) -> dict[str, AttestationList]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(subject: str) -> tuple[str, AttestationList]:
            async with places:
                return subject, await self._of_one(subject)

        return dict(await asyncio.gather(*(one(subject) for subject in subjects)))

    async def _of_one(self, subject: str) -> AttestationList:
        query = [("per_page", str(max(1, min(self.limit, 100))))]
        if self.predicate_type:
            query.append(("predicate_type", self.predicate_type))
        # The newer version names the bundles' addresses only, which is what github.com does in the old one too by now.
        version = await self.api.version(NEWEST)
        names: dict[str, str | int] = {**self._names, "digest": subject}
        request = outgoing(
            "GET", f"{REPO}/attestations/{{digest}}", names, query=tuple(query), version=version
        )
        found: list[Attestation] = []
        try:
            async for item in items(self.api, request, "attestations"):
                if len(found) >= self.limit:
                    return AttestationList(tuple(found), is_cut=True)
                found.append(read(AttestationBody, item).attestation())
        except NotFound:  # GitHub's answer for a subject without any
            return AttestationList()
        return AttestationList(tuple(found))

    async def _in_bulk(self, subjects: tuple[str, ...]) -> dict[str, AttestationList]:
        about = read(RepositoryBody, await self.api.get(REPO, self._names))
        kind = "orgs" if about.owner_type == ORGANISATION else "users"
        version = await self.api.version(NEWEST)
        found: dict[str, AttestationList] = {}
        for start in range(0, len(subjects), BULK):
            found.update(await self._page_by_page(kind, subjects[start : start + BULK], version))
        return found

    async def _page_by_page(
        self, kind: str, subjects: tuple[str, ...], version: str
    ) -> dict[str, AttestationList]:
        body: dict[str, object] = {"subject_digests": list(subjects)}
        if self.predicate_type:
            body["predicate_type"] = self.predicate_type
        found: dict[str, list[Attestation]] = {subject: [] for subject in subjects}
        after = ""
        for _ in range(PAGES):
            query = (("per_page", "100"), *((("after", after),) if after else ()))
            request = outgoing(
                "POST",
                f"/{kind}/{{owner}}/attestations/bulk-list",
                {"owner": self.repository.owner},
                query=query,
                json=body,
                version=version,
            )
            page = read(BulkBody, (await self.api.call(request)).json())
            for subject, attested in page.attestations_subject_digests.items():
                # An account's list holds what its other repositories attested too.
                ours = [each for each in attested or () if each.repository_id == self.repository.id]
                if subject in found:
                    found[subject].extend(each.attestation() for each in ours)
            if not page.page_info.has_next or not page.page_info.next:
                return {subject: self._cut(each) for subject, each in found.items()}
            after = page.page_info.next
        raise PermanentError(
            "github.too_many_pages", "the list of attestations has more pages than can be read"
        )

    def _cut(self, found: list[Attestation]) -> AttestationList:
        return AttestationList(tuple(found[: self.limit]), is_cut=len(found) > self.limit)

    @property
    def _names(self) -> dict[str, str | int]:
        return {"owner": self.repository.owner, "repo": self.repository.name}
