"""The whole write side of one repository."""

from __future__ import annotations

from app.adapters.github.backfill_writer import BackfillWriter
from app.adapters.github.checks_writer import ChecksWriter
from app.adapters.github.commits_writer import CommitsWriter
from app.adapters.github.issues_writer import IssuesWriter
from app.adapters.github.releases_writer import ReleasesWriter
from app.adapters.github.threads_writer import ThreadsWriter


class RepositoryWriter(
    BackfillWriter, ChecksWriter, CommitsWriter, IssuesWriter, ReleasesWriter, ThreadsWriter
):
    """`GitHubWriter` over REST and GraphQL; what decides about a write is read without a cache."""
