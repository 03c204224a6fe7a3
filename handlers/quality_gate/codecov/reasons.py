"""Why a key of a `codecov.yml` has no counterpart, for people. Pure."""

from __future__ import annotations

REASONS: dict[tuple[str, ...], str] = {
    ("comment",): "no comments are posted; the check run says it all",
    ("github_checks",): "annotations are always made",
    ("coverage", "precision"): "nothing is rounded: exact fractions decide",
    ("coverage", "round"): "nothing is rounded: exact fractions decide",
    ("coverage", "range"): "there are no colours",
    ("coverage", "notify"): "other services are not notified",
    (
        "coverage",
        "status",
        "changes",
    ): "lost coverage of files that still exist is found without being asked for",
    ("codecov", "token"): "nothing is uploaded, so there is no token; take it out of the repository",
    ("codecov", "branch"): "the default branch is read from GitHub",
    ("codecov", "require_ci_to_pass"): "a run that failed without a report that shows why is never a pass",
    (
        "codecov",
        "notify",
        "require_ci_to_pass",
    ): "a run that failed without a report that shows why is never a pass",
    ("codecov", "notify", "wait_for_ci"): "all runs of the commit are waited for",
    ("codecov", "notify", "after_n_builds"): "a number of reports is from 1 to 1000",
    ("codecov", "max_report_age"): "only artifacts of the commit's own runs count",
    ("fixes",): "paths of reports are matched with the repository's files",
    ("parsers",): "how each format is read is fixed; see docs/reference/report-formats.md",
}
LAST: dict[str, str] = {
    "after_n_builds": "only of all builds: codecov.notify.after_n_builds",
    "base": "the base is the merge base, or its nearest recorded ancestor",
    "branches": "the policy is the default branch's, for all branches",
    "carryforward_behavior": "carried coverage counts, and is named with its age",
    "flag_regexes": "files are grouped by paths; write them by hand",
    "if_ci_failed": "a failed run without a report that shows why is inconclusive",
    "if_no_uploads": "no evidence is never a pass; see missing",
    "if_not_found": "without a base a drop is not applicable, and says so",
    "informational": "informational is of the whole gate, not of a group",
    "measurement": "the metric is line or branch, of the whole gate",
    "only_pulls": "pushes are judged too where reports are there",
    "removed_code_behavior": "a change that only removes lines cannot fail a drop",
    "threshold": "it belongs to a rule that has no counterpart",
}
NONE = "has no counterpart"
KEYS = frozenset(
    {
        "ai_pr_review",
        "beta_groups",
        "bundle_analysis",
        "cli",
        "codecov",
        "comment",
        "component_management",
        "coverage",
        "fixes",
        "flag_management",
        "flags",
        "github_checks",
        "ignore",
        "parsers",
        "profiling",
        "slack_app",
        "test_analytics",
    }
)
"""What may stand at the top of a `codecov.yml`."""
FOREIGN = "Codecov has no such key, and no other that stands here: is this a codecov.yml?"


def reason_for(path: tuple[str | int, ...]) -> str:
    """The reason for the longest beginning of the path that has one, else for its last key."""
    keys = tuple(str(part) for part in path)
    for length in range(len(keys), 0, -1):
        if keys[:length] in REASONS:
            return REASONS[keys[:length]]
    words = [key for key in keys if not key.isdigit()]
    return next((LAST[word] for word in reversed(words) if word in LAST), NONE)
